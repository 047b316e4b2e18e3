"""Limits that the operating system enforces on an optimizer host."""

import ctypes
import resource
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tracks.isolation.levels import Level

LONGEST_S = 86_400.0
"""The longest run, whatever extends its time limit: a day."""
CALL_S = 60.0
"""How long a method of a track's own file may take before it is said to hang; longer where its
time limit is."""
MORE_THREADS = 256
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NAME = 15
PR_SET_CHILD_SUBREAPER = 36
STOPPED = "T"


@dataclass(frozen=True)
class Limits:
    """Bounds of one evaluation. `memory_mb` is what the optimizer may allocate, in MiB.

    `cpu_s` bounds the seconds of CPU that the optimizer host uses; None is `wall_s`, which a host
    on one thread cannot exceed. Where the wall clock's limit may be extended, it is LONGEST_S.
    The sandbox is closed up to level `sandbox`, None for what is usual on the device; nothing runs
    where less than `least_sandbox` holds.
    """

    wall_s: float
    memory_mb: int = 2048
    output_bytes: int = 2**20
    cpu_s: float | None = None
    sandbox: Level | None = None
    least_sandbox: Level = Level.NONE


def apply_to_this_process(cpu_s: float, memory_mb: int | None) -> None:
    """Bound CPU time and address space from here on; forbid core dumps and file writes.

    A process on a GPU has used seconds of CPU by then, which the kernel counts.

    Without `memory_mb` the address space stays open: CUDA reserves far more than it uses.
    """
    cpu = max(1, round(time.process_time() + cpu_s))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    _bound_threads()
    mapped_pages = _proc("self/statm").split()[:1]
    if mapped_pages and memory_mb is not None:
        bound = int(mapped_pages[0]) * resource.getpagesize() + memory_mb * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (bound, bound))


def _bound_threads() -> None:
    """Some more threads than the system has now; the kernel counts a user's, not a process's."""
    now = _proc("loadavg").partition("/")[2].partition(" ")[0]
    if not now.isdecimal():
        return
    most = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    bound = int(now) + MORE_THREADS
    if most == resource.RLIM_INFINITY or bound < most:
        resource.setrlimit(resource.RLIMIT_NPROC, (bound, bound))


def die_with_parent() -> None:
    """Linux: SIGKILL this process when its parent dies. Elsewhere its sockets close and end it."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def hide_from_other_processes() -> None:
    """Linux: close this process's environment, memory and descriptors in /proc to all but root."""
    _prctl(PR_SET_DUMPABLE, 0)


def adopt_orphans() -> None:
    """Linux: descendants that lose their parent become this process's children."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def name_this_process(role: str) -> None:
    """Linux: what `ps` and `top` show, so that a person knows which process is which."""
    _prctl(PR_SET_NAME, f"ar-{role}".encode())


def is_stopped(pid: int) -> bool:
    """Whether a process is suspended; False where the system does not say."""
    return _proc(f"{pid}/stat").rpartition(")")[2].split()[:1] == [STOPPED]


def children_of_this_process() -> set[int]:
    """Process identifiers of the children; empty where the system does not say."""
    return {int(word) for word in _proc("thread-self/children").split()}


def _proc(name: str) -> str:
    """A file of Linux's /proc; empty where the system has none."""
    try:
        return Path("/proc", name).read_text()
    except OSError:
        return ""


def _prctl(option: int, value: int | bytes) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
