"""Checks of the machine: Python, libraries, sandbox, cores, limits, GPU."""

import os
import re
import resource
import sys
from importlib.metadata import PackageNotFoundError, distribution, requires, version
from pathlib import Path

from agent.study.check import Finding, State, check, ok
from agent.study.cores import cores
from tracks import device as devices
from tracks.isolation.launcher import HUGE_PAGES, allocator_settings
from tracks.processor import gpu_models

OLDEST_PYTHON = (3, 11)
NEEDED_FILES = 256
"""Open files that a study with a few parallel evaluations has at once."""
REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)")
BUILD = re.compile(r"^(cuda|hip)\b[^=]*= *'([^']+)'", re.M)
CPU_TORCH = "pip install torch --index-url https://download.pytorch.org/whl/cpu"


@check("python")
def _python(_: Path) -> Finding:
    running = f"{sys.version.split()[0]} on {sys.platform}"
    if sys.version_info < OLDEST_PYTHON:
        return State.BROKEN, running, "install Python 3.11 or newer"
    if sys.platform == "win32":
        return State.BROKEN, running, "run autoresearch in WSL2"
    if sys.platform != "linux":
        return State.WARNING, f"{running}: untested", "use Linux for results"
    return ok(running)


@check("packages")
def _packages(_: Path) -> Finding:
    """The declared libraries; torch has a check of its own."""
    try:
        declared = [line for line in requires("autoresearch") or [] if "extra ==" not in line]
    except PackageNotFoundError:
        return State.WARNING, "run from its source, which declares them", "pip install -e ."
    names = [match[1] for line in declared if (match := REQUIREMENT.match(line))]
    absent = [name for name in names if name != "torch" and not _version(name)]
    if absent:
        cure = f"pip install {' '.join(absent)}"
        return State.BROKEN, f"not installed: {', '.join(absent)}", cure
    return ok(f"{len(declared)} declared, all installed")


@check("torch")
def _torch(_: Path) -> Finding:
    found = _version("torch")
    if not found:
        return State.BROKEN, "not installed", CPU_TORCH
    return ok(f"{found}, {torch_build()} build")


def torch_build() -> str:
    """cpu, or the toolkit that torch was built with, from torch's version file."""
    text = Path(str(distribution("torch").locate_file("torch/version.py"))).read_text("utf-8")
    built = BUILD.search(text)
    return f"{built[1]} {built[2]}" if built else "cpu"


@check("sandbox")
def _sandbox(_: Path) -> Finding:
    from tracks.isolation.levels import Level
    from tracks.isolation.sandbox import probe

    here = probe()
    found = "; ".join(
        [f"level {here.level}", *(f"{layer}: {why}" for layer, why in here.layers.items() if why)]
    )
    if here.level == Level.FULL:
        return ok(found)
    cure = "use Linux 5.13 or newer whose container allows seccomp and Landlock; see SECURITY.md"
    return State.WARNING, found, cure


@check("cores")
def _cores(_: Path) -> Finding:
    found = f"{cores()} of {os.cpu_count() or 1} cores usable, one thread for each evaluation"
    if cores() > 1:
        return ok(found)
    cure = "allow the process a second core: taskset, or the limits of the container"
    return State.WARNING, found, cure


@check("open files")
def _open_files(_: Path) -> Finding:
    limit, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return ok("no limit")
    if limit < NEEDED_FILES:
        return State.WARNING, f"{limit} at once", f"ulimit -n {4 * NEEDED_FILES}"
    return ok(f"{limit} at once")


@check("huge pages")
def _huge_pages(_: Path) -> Finding:
    """The launcher uses them; without them it keeps freed memory in the process."""
    if "GLIBC_TUNABLES" in allocator_settings():
        return ok(HUGE_PAGES.read_text().strip())
    found = "off: an evaluation is as fast and takes 0.3 GB more"
    return State.MISSING, found, f"as root: echo madvise > {HUGE_PAGES}"


@check("gpu")
def _gpu(_: Path) -> Finding:
    if not devices.may_have_gpu():
        if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
            return State.MISSING, "hidden by CUDA_VISIBLE_DEVICES", "unset CUDA_VISIBLE_DEVICES"
        return State.MISSING, "no NVIDIA driver", "none needed: tracks run on the CPU"
    names = ", ".join(gpu_models()) or "an NVIDIA driver"
    if torch_build() == "cpu":
        cure = "install a CUDA build of torch: pip install --force-reinstall torch"
        return State.WARNING, f"{names}, but torch is built for the CPU", cure
    return ok(names)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
