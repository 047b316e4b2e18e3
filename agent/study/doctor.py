"""What this machine can do: one check for each thing that a study needs or could use.

A check only reads: it changes nothing, does not load torch and does not start a GPU's driver.
"""

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, distribution, requires, version
from pathlib import Path

from agent.study.cores import cores
from agent.study.workspace import find_workspace, is_workspace
from tracks import device as devices
from tracks.isolation.launcher import HUGE_PAGES, allocator_settings
from tracks.processor import gpu_models

KEYS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")
OLDEST_PYTHON = (3, 11)
NEEDED_MB, ENOUGH_MB = 200, 2000
NEEDED_FILES = 256
"""Open files that a study with a few parallel evaluations has at once."""
GIT_S = 10
REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)")
BUILD = re.compile(r"^(cuda|hip)\b[^=]*= *'([^']+)'", re.M)
CPU_TORCH = "pip install torch --index-url https://download.pytorch.org/whl/cpu"


class State(StrEnum):
    """What a check found."""

    OK = "ok"
    WARNING = "warning"
    """It works, with less than there could be."""
    MISSING = "missing"
    """Not there, and a study runs without it."""
    BROKEN = "broken"
    """No study can run here until it is fixed."""


@dataclass(frozen=True)
class Check:
    """The state of one thing, and how to fix it where that is needed."""

    name: str
    state: State
    found: str
    cure: str = ""


Finding = tuple[State, str, str]
"""State, what was found, cure."""
CHECKS: dict[str, Callable[[Path], Check]] = {}
NEEDED = {"python", "packages", "torch", "workspace", "ledger", "disk"}
"""A study may not run where one of these checks fails itself."""


def examine(folder: Path) -> list[Check]:
    """Every check, seen from `folder`; one that raises is reported as a finding."""
    return [_guarded(name, check, folder) for name, check in CHECKS.items()]


def can_run(checks: list[Check]) -> bool:
    """Whether nothing that a study needs is broken."""
    return all(check.state != State.BROKEN for check in checks)


def _guarded(name: str, check: Callable[[Path], Check], folder: Path) -> Check:
    try:
        return check(folder)
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        state = State.BROKEN if name in NEEDED else State.WARNING
        return Check(name, state, f"cannot be examined: {reason}", "fix what the error names")


def _check(name: str) -> Callable[[Callable[[Path], Finding]], None]:
    """Register a check under its name."""

    def register(examination: Callable[[Path], Finding]) -> None:
        CHECKS[name] = lambda folder: Check(name, *examination(folder))

    return register


def _ok(found: str) -> Finding:
    return State.OK, found, ""


@_check("python")
def _python(_: Path) -> Finding:
    running = f"{sys.version.split()[0]} on {sys.platform}"
    if sys.version_info < OLDEST_PYTHON:
        return State.BROKEN, running, "install Python 3.11 or newer"
    if sys.platform == "win32":
        return State.BROKEN, running, "run autoresearch in WSL2"
    if sys.platform != "linux":
        return State.WARNING, f"{running}: untested", "use Linux for results"
    return _ok(running)


@_check("packages")
def _packages(_: Path) -> Finding:
    """The declared libraries; torch has a check of its own."""
    declared = [line for line in requires("autoresearch") or [] if "extra ==" not in line]
    names = [match[1] for line in declared if (match := REQUIREMENT.match(line))]
    absent = [name for name in names if name != "torch" and not _version(name)]
    if absent:
        cure = f"pip install {' '.join(absent)}"
        return State.BROKEN, f"not installed: {', '.join(absent)}", cure
    return _ok(f"{len(declared)} declared, all installed")


@_check("torch")
def _torch(_: Path) -> Finding:
    found = _version("torch")
    if not found:
        return State.BROKEN, "not installed", CPU_TORCH
    return _ok(f"{found}, {torch_build()} build")


def torch_build() -> str:
    """cpu, or the toolkit that torch was built with, from torch's version file."""
    text = Path(str(distribution("torch").locate_file("torch/version.py"))).read_text("utf-8")
    built = BUILD.search(text)
    return f"{built[1]} {built[2]}" if built else "cpu"


@_check("sandbox")
def _sandbox(_: Path) -> Finding:
    from tracks.isolation.levels import Level
    from tracks.isolation.sandbox import probe

    here = probe()
    found = "; ".join(
        [f"level {here.level}", *(f"{layer}: {why}" for layer, why in here.layers.items() if why)]
    )
    if here.level == Level.FULL:
        return _ok(found)
    cure = "use Linux 5.13 or newer whose container allows seccomp and Landlock; see SECURITY.md"
    return State.WARNING, found, cure


@_check("cores")
def _cores(_: Path) -> Finding:
    found = f"{cores()} of {os.cpu_count() or 1} cores usable, one thread for each evaluation"
    if cores() > 1:
        return _ok(found)
    cure = "allow the process a second core: taskset, or the limits of the container"
    return State.WARNING, found, cure


@_check("open files")
def _open_files(_: Path) -> Finding:
    limit, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return _ok("no limit")
    if limit < NEEDED_FILES:
        return State.WARNING, f"{limit} at once", f"ulimit -n {4 * NEEDED_FILES}"
    return _ok(f"{limit} at once")


@_check("huge pages")
def _huge_pages(_: Path) -> Finding:
    """The launcher uses them; without them it keeps freed memory in the process."""
    if "GLIBC_TUNABLES" in allocator_settings():
        return _ok(HUGE_PAGES.read_text().strip())
    found = "off: an evaluation is as fast and takes 0.3 GB more"
    return State.MISSING, found, f"as root: echo madvise > {HUGE_PAGES}"


@_check("gpu")
def _gpu(_: Path) -> Finding:
    if not devices.may_have_gpu():
        if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
            return State.MISSING, "hidden by CUDA_VISIBLE_DEVICES", "unset CUDA_VISIBLE_DEVICES"
        return State.MISSING, "no NVIDIA driver", "none needed: tracks run on the CPU"
    names = ", ".join(gpu_models()) or "an NVIDIA driver"
    if torch_build() == "cpu":
        cure = "install a CUDA build of torch: pip install --force-reinstall torch"
        return State.WARNING, f"{names}, but torch is built for the CPU", cure
    return _ok(names)


@_check("git")
def _git_program(folder: Path) -> Finding:
    version_line = _git(folder, "--version")
    if version_line is None:
        found = "no git program: winners are not committed, repositories not imported"
        return State.MISSING, found, "install git"
    return _ok(version_line.removeprefix("git version "))


@_check("git identity")
def _git_identity(folder: Path) -> Finding:
    known = {key: _git(folder, "config", "--get", f"user.{key}") for key in ("name", "email")}
    if None in known.values():
        return State.MISSING, "no git program", "install git"
    absent = [f"user.{key}" for key, value in known.items() if not value]
    if not absent:
        return _ok(f"{known['name']} <{known['email']}>")
    cure = " && ".join(f'git config --global {key} "..."' for key in absent)
    return State.MISSING, f"no {' and '.join(absent)}: winners are committed as autoresearch", cure


@_check("workspace")
def _workspace(folder: Path) -> Finding:
    here = find_workspace(folder)
    existing = _existing(here.runs)
    if not os.access(existing, os.W_OK | os.X_OK):
        cure = "make it writable, or use another folder"
        return State.BROKEN, f"{here.root}: {existing} cannot be written", cure
    kind = "a workspace" if is_workspace(here.root) else "an empty workspace"
    return _ok(f"{here.root}, {kind}")


@_check("ledger")
def _ledger(folder: Path) -> Finding:
    from agent.study.ledger import Ledger
    from agent.study.schema_version import LEDGER_VERSION

    here = find_workspace(folder)
    if not (here.runs / "ledger.db").exists():
        return _ok("none yet; the first study makes runs/ledger.db")
    try:
        names = Ledger(here, read_only=True).names()
    except Exception as error:
        cure = "restore runs/ledger.db from a copy, or move it away to begin another"
        return State.BROKEN, " ".join(str(error).split()), cure
    known = f"{len(names)} studies{': ' if names else ''}{', '.join(names)}"
    return _ok(f"opens, version {LEDGER_VERSION}, {known}")


@_check("disk")
def _disk(folder: Path) -> Finding:
    runs, temporary = _existing(find_workspace(folder).runs), Path(tempfile.gettempdir())
    places = {"runs/": runs, "temporary files": temporary}
    free = {what: shutil.disk_usage(place).free / 2**20 for what, place in places.items()}
    found = ", ".join(f"{mb / 1024:.1f} GB free for {what}" for what, mb in free.items())
    least = min(free, key=lambda what: free[what])
    if free[least] >= ENOUGH_MB:
        return _ok(found)
    state = State.WARNING if free[least] >= NEEDED_MB else State.BROKEN
    return state, found, f"free some space in {places[least]}"


@_check("keys")
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
    return _ok(f"set: {', '.join(kept)}")


@_check("user")
def _user(_: Path) -> Finding:
    if os.geteuid() != 0:
        return _ok("not root")
    found = "root: code that leaves the sandbox could do everything"
    return State.WARNING, found, "run studies as a user without privileges"


@_check("terminal")
def _terminal(_: Path) -> Finding:
    encoding = getattr(sys.stdout, "encoding", None) or "unknown"
    if encoding.lower().replace("-", "") == "utf8":
        return _ok(encoding)
    return State.WARNING, f"encoding {encoding}", "export PYTHONIOENCODING=utf-8"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


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
