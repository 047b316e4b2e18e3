"""The version and the commit of this autoresearch."""

import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
DESCRIBE = ("git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")


def program_version() -> str:
    """Of the installed distribution; a source tree that was not installed has none."""
    try:
        return metadata.version("autoresearch")
    except metadata.PackageNotFoundError:
        return "(not installed)"


@cache
def tool_version() -> dict[str, str | bool | None]:
    """Commit of the source, and whether it was changed since; None outside of git.

    Calls the git program, because importing GitPython takes as long as a whole report.
    """
    unknown: dict[str, str | bool | None] = {"commit": None, "dirty": None}
    if not (SOURCE / ".git").exists():
        return unknown
    try:
        done = subprocess.run(DESCRIBE, cwd=SOURCE, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return unknown
    commit, _, dirty = done.stdout.strip().partition("-")
    return {"commit": commit, "dirty": bool(dirty)} if done.returncode == 0 else unknown
