"""Checks of the workspace and the user: git, ledger, disk, keys, terminal."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from agent.study.check import Finding, State, check, ok
from agent.study.workspace import EMBEDDED, find_workspace, is_workspace

KEYS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "OPENAI_API_KEY")
"""Variables with a key of a model's service."""
NEEDED_MB, ENOUGH_MB = 200, 2000
GIT_S = 10


@check("git")
def _git_program(folder: Path) -> Finding:
    version_line = _git(folder, "--version")
    if version_line is None:
        found = "no git program: winners are not committed, repositories not imported"
        return State.MISSING, found, "install git"
    return ok(version_line.removeprefix("git version "))


@check("git identity")
def _git_identity(folder: Path) -> Finding:
    known = {key: _git(folder, "config", "--get", f"user.{key}") for key in ("name", "email")}
    if None in known.values():
        return State.MISSING, "no git program", "install git"
    absent = [f"user.{key}" for key, value in known.items() if not value]
    if not absent:
        return ok(f"{known['name']} <{known['email']}>")
    cure = " && ".join(f'git config --global {key} "..."' for key in absent)
    return State.MISSING, f"no {' and '.join(absent)}: winners are committed as autoresearch", cure


@check("workspace")
def _workspace(folder: Path) -> Finding:
    here = find_workspace(folder)
    existing = _existing(here.runs)
    if not os.access(existing, os.W_OK | os.X_OK):
        cure = "make it writable, or use another folder"
        return State.BROKEN, f"{here.root}: {existing} cannot be written", cure
    kind = "a workspace" if is_workspace(here.root) else "an empty workspace"
    return ok(f"{here.root}, {kind}")


@check("ledger")
def _ledger(folder: Path) -> Finding:
    from agent.study.ledger import Ledger
    from agent.study.schema_version import LEDGER_VERSION

    here = find_workspace(folder)
    if not here.storage and not (here.root / EMBEDDED).exists():
        return ok(f"none yet; the first study makes {EMBEDDED}")
    try:
        names = Ledger(here, read_only=True).names()
    except Exception as error:
        cure = f"restore {EMBEDDED} from a copy, or move it away to begin another"
        if here.storage:
            cure = "correct the address, or start the server"
        return State.BROKEN, " ".join(str(error).split()), cure
    known = f"{len(names)} studies{': ' if names else ''}{', '.join(names)}"
    return ok(f"opens, version {LEDGER_VERSION}, {known}")


@check("disk")
def _disk(folder: Path) -> Finding:
    runs, temporary = _existing(find_workspace(folder).runs), Path(tempfile.gettempdir())
    places = {"runs/": runs, "temporary files": temporary}
    free = {what: shutil.disk_usage(place).free / 2**20 for what, place in places.items()}
    found = ", ".join(f"{mb / 1024:.1f} GB free for {what}" for what, mb in free.items())
    least = min(free, key=lambda what: free[what])
    if free[least] >= ENOUGH_MB:
        return ok(found)
    state = State.WARNING if free[least] >= NEEDED_MB else State.BROKEN
    return state, found, f"free some space in {places[least]}"


@check("keys")
def _keys(_: Path) -> Finding:
    """Which keys are set; never a character of one."""
    kept = {name: os.environ[name] for name in KEYS if os.environ.get(name)}
    if not kept:
        found = f"none of {', '.join(KEYS)}: no model proposes"
        return State.MISSING, found, f"export {KEYS[0]}=..."
    bad = [name for name, value in kept.items() if value != value.strip() or not value.isascii()]
    if bad:
        found = f"{', '.join(bad)} has white space around it or letters that are not ASCII"
        return State.WARNING, found, "export it again, without the line break"
    return ok(f"set: {', '.join(kept)}")


@check("user")
def _user(_: Path) -> Finding:
    if os.geteuid() != 0:
        return ok("not root")
    found = "root: code that leaves the sandbox could do everything"
    return State.WARNING, found, "run studies as a user without privileges"


@check("terminal")
def _terminal(_: Path) -> Finding:
    encoding = getattr(sys.stdout, "encoding", None) or "unknown"
    if encoding.lower().replace("-", "") == "utf8":
        return ok(encoding)
    return State.WARNING, f"encoding {encoding}", "export PYTHONIOENCODING=utf-8"


def _git(folder: Path, *words: str) -> str | None:
    """The first line that git prints; empty where it refuses, None where there is no git."""
    command = ["git", *words]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, errors="replace",
            timeout=GIT_S, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except FileNotFoundError:
        return None
    return (done.stdout.splitlines() or [""])[0].strip() if done.returncode == 0 else ""


def _existing(path: Path) -> Path:
    return next(p for p in (path, *path.parents) if p.exists())
