"""What this machine can do: one small check for each thing that a study needs or could use.

A check reads and asks, and changes nothing; none loads torch or starts the driver of a GPU.
"""

import os
import re
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
    """Not there, and a study goes on without it."""
    BROKEN = "broken"
    """No study can run here before this is put right."""


@dataclass(frozen=True)
class Check:
    """What was found of one thing, and how to put it right where that is needed."""

    name: str
    state: State
    found: str
    cure: str = ""


def examine(folder: Path) -> list[Check]:
    """Every check, seen from `folder`; one that fails itself says what broke."""
    return [_guarded(name, one, folder) for name, one in CHECKS.items()]


def can_run(checks: list[Check]) -> bool:
    """Whether nothing that a study needs is broken."""
    return all(check.state != State.BROKEN for check in checks)


def _guarded(name: str, check: "Examination", folder: Path) -> Check:
    try:
        return check(folder)
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        state = State.BROKEN if name in NEEDED else State.WARNING
        return Check(name, state, f"cannot be examined: {reason}", "put right what the error names")


def python(folder: Path) -> Check:
    running = f"{sys.version.split()[0]} on {sys.platform}"
    if sys.version_info < OLDEST_PYTHON:
        return Check("python", State.BROKEN, running, "install Python 3.11 or newer")
    if sys.platform == "win32":
        return Check("python", State.BROKEN, running, "run autoresearch in WSL2")
    if sys.platform != "linux":
        return Check("python", State.WARNING, f"{running}: untested", "use Linux for results")
    return Check("python", State.OK, running)


def packages(folder: Path) -> Check:
    """The libraries that autoresearch declares; torch has a check of its own."""
    absent = []
    declared = [line for line in requires("autoresearch") or [] if "extra ==" not in line]
    for line in declared:
        match = REQUIREMENT.match(line)
        name = match[1] if match else line
        if name != "torch" and not _version(name):
            absent.append(name)
    if absent:
        cure = f"pip install {' '.join(absent)}"
        return Check("packages", State.BROKEN, f"not installed: {', '.join(absent)}", cure)
    return Check("packages", State.OK, f"{len(declared)} declared, all installed")


def torch(folder: Path) -> Check:
    found = _version("torch")
    if not found:
        return Check("torch", State.BROKEN, "not installed", CPU_TORCH)
    return Check("torch", State.OK, f"{found}, {torch_build()} build")


def torch_build() -> str:
    """cpu, or the toolkit that torch was built with, as its own version file says."""
    text = Path(str(distribution("torch").locate_file("torch/version.py"))).read_text("utf-8")
    built = BUILD.search(text)
    return f"{built[1]} {built[2]}" if built else "cpu"


def sandbox(folder: Path) -> Check:
    """How far an optimizer host can be shut in."""
    from tracks.isolation.levels import Level
    from tracks.isolation.sandbox import probe

    here = probe()
    reasons = [f"{layer}: {said}" for layer, said in here.layers.items() if said]
    found = "; ".join([f"level {here.level}", *reasons])
    if here.level == Level.FULL:
        return Check("sandbox", State.OK, found)
    cure = "use Linux 5.13 or newer whose container allows seccomp and Landlock; see SECURITY.md"
    return Check("sandbox", State.WARNING, found, cure)


def processor(folder: Path) -> Check:
    count, all_of_them = cores(), os.cpu_count() or 1
    found = f"{count} of {all_of_them} cores usable, one thread for each evaluation"
    if count == 1:
        cure = "allow the process a second core: taskset, or the limits of the container"
        return Check("cores", State.WARNING, found, cure)
    return Check("cores", State.OK, found)


def open_files(folder: Path) -> Check:
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    found = "no limit" if limit == resource.RLIM_INFINITY else f"{limit} at once"
    if limit != resource.RLIM_INFINITY and limit < NEEDED_FILES:
        return Check("open files", State.WARNING, found, f"ulimit -n {4 * NEEDED_FILES}")
    return Check("open files", State.OK, found)


def huge_pages(folder: Path) -> Check:
    """What the launcher makes of them; without, memory is kept in the process instead."""
    if "GLIBC_TUNABLES" in allocator_settings():
        return Check("huge pages", State.OK, HUGE_PAGES.read_text().strip())
    found = "off: an evaluation is as fast and takes 0.3 GB more"
    cure = f"as root: echo madvise > {HUGE_PAGES}"
    return Check("huge pages", State.MISSING, found, cure)


def gpu(folder: Path) -> Check:
    if not devices.may_have_gpu():
        hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
        found = "hidden by CUDA_VISIBLE_DEVICES" if hidden else "no NVIDIA driver"
        cure = "unset CUDA_VISIBLE_DEVICES" if hidden else "none needed: tracks run on the CPU"
        return Check("gpu", State.MISSING, found, cure)
    names = ", ".join(gpu_models()) or "an NVIDIA driver"
    if torch_build() == "cpu":
        cure = "install a CUDA build of torch: pip install --force-reinstall torch"
        return Check("gpu", State.WARNING, f"{names}, but torch is built for the CPU", cure)
    return Check("gpu", State.OK, names)


def git_program(folder: Path) -> Check:
    said = _git(folder, "--version")
    if said is None:
        found = "no git program: winners are not committed, repositories not imported"
        return Check("git", State.MISSING, found, "install git")
    return Check("git", State.OK, said.removeprefix("git version "))


def git_identity(folder: Path) -> Check:
    if _git(folder, "--version") is None:
        return Check("git identity", State.MISSING, "no git program", "install git")
    name, mail = (_git(folder, "config", "--get", f"user.{key}") for key in ("name", "email"))
    if name and mail:
        return Check("git identity", State.OK, f"{name} <{mail}>")
    absent = [f"user.{k}" for k, value in (("name", name), ("email", mail)) if not value]
    cures = [f'git config --global {key} "..."' for key in absent]
    found = f"no {' and '.join(absent)}: winners are committed as autoresearch"
    return Check("git identity", State.MISSING, found, " && ".join(cures))


def workspace(folder: Path) -> Check:
    here = find_workspace(folder)
    kind = "a workspace" if is_workspace(here.root) else "an empty workspace"
    existing = _existing(here.runs)
    if not os.access(existing, os.W_OK | os.X_OK):
        found = f"{here.root}: {existing} cannot be written"
        return Check("workspace", State.BROKEN, found, "make it writable, or use another folder")
    return Check("workspace", State.OK, f"{here.root}, {kind}")


def ledger(folder: Path) -> Check:
    from agent.study.ledger import Ledger
    from agent.study.schema_version import LEDGER_VERSION

    here = find_workspace(folder)
    if not (here.runs / "ledger.db").exists():
        return Check("ledger", State.OK, "none yet; the first study makes runs/ledger.db")
    try:
        names = Ledger(here, read_only=True).names()
    except Exception as error:
        reason = " ".join(str(error).split())
        cure = "restore runs/ledger.db from a copy, or move it away to begin another"
        return Check("ledger", State.BROKEN, reason, cure)
    known = f"{len(names)} studies{': ' if names else ''}{', '.join(names)}"
    return Check("ledger", State.OK, f"opens, schema {LEDGER_VERSION}, {known}")


def disk(folder: Path) -> Check:
    here = find_workspace(folder)
    places = {"runs/": _existing(here.runs), "temporary files": Path(tempfile.gettempdir())}
    free = {what: shutil.disk_usage(place).free / 2**20 for what, place in places.items()}
    found = ", ".join(f"{mb / 1024:.1f} GB free for {what}" for what, mb in free.items())
    least = min(free, key=lambda what: free[what])
    if free[least] >= ENOUGH_MB:
        return Check("disk", State.OK, found)
    state = State.WARNING if free[least] >= NEEDED_MB else State.BROKEN
    return Check("disk", state, found, f"free some space in {places[least]}")


def keys(folder: Path) -> Check:
    """Which keys are set; never a character of one."""
    kept = {name: os.environ[name] for name in KEYS if os.environ.get(name)}
    if not kept:
        found = f"none of {', '.join(KEYS)}: no model proposes"
        return Check("keys", State.MISSING, found, f"export {KEYS[0]}=...")
    bad = [name for name, value in kept.items() if value != value.strip() or not value.isascii()]
    if bad:
        found = f"{', '.join(bad)} has white space around it or letters that are not ASCII"
        return Check("keys", State.WARNING, found, "export it again, without the line break")
    return Check("keys", State.OK, f"set: {', '.join(kept)}")


def user(folder: Path) -> Check:
    if os.geteuid() != 0:
        return Check("user", State.OK, "not root")
    found = "root: whatever leaves the sandbox may do everything"
    return Check("user", State.WARNING, found, "run studies as a user without privileges")


def terminal(folder: Path) -> Check:
    encoding = getattr(sys.stdout, "encoding", None) or "unknown"
    if encoding.lower().replace("-", "") == "utf8":
        return Check("terminal", State.OK, encoding)
    return Check("terminal", State.WARNING, f"encoding {encoding}", "export PYTHONIOENCODING=utf-8")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _git(folder: Path, *words: str) -> str | None:
    """The first line of git's answer; empty where it refuses, None where there is no git."""
    try:
        done = subprocess.run(
            ["git", *words],
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=GIT_S,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        return None
    return (done.stdout.splitlines() or [""])[0].strip() if done.returncode == 0 else ""


def _existing(path: Path) -> Path:
    return next(p for p in (path, *path.parents) if p.exists())


Examination = Callable[[Path], Check]
CHECKS: dict[str, Examination] = {
    "python": python,
    "packages": packages,
    "torch": torch,
    "sandbox": sandbox,
    "cores": processor,
    "open files": open_files,
    "huge pages": huge_pages,
    "gpu": gpu,
    "git": git_program,
    "git identity": git_identity,
    "workspace": workspace,
    "ledger": ledger,
    "disk": disk,
    "keys": keys,
    "user": user,
    "terminal": terminal,
}
NEEDED = {"python", "packages", "torch", "workspace", "ledger", "disk"}
"""Checks whose own failure means that no study can be promised to run."""
