"""The version and the commit of this autoresearch."""

import subprocess
from dataclasses import dataclass
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


@dataclass(frozen=True)
class ToolVersion:
    """Commit of the source, and whether it was changed since; None outside of git."""

    commit: str | None = None
    dirty: bool | None = None


@cache
def tool_version() -> ToolVersion:
    """Of this source.

    Calls the git program, because importing GitPython takes as long as a whole report.
    """
    if not (SOURCE / ".git").exists():
        return ToolVersion()
    try:
        done = subprocess.run(DESCRIBE, cwd=SOURCE, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ToolVersion()
    commit, _, dirty = done.stdout.strip().partition("-")
    return ToolVersion(commit, bool(dirty)) if done.returncode == 0 else ToolVersion()
