"""The coordinator's handle on the zygote: starts it, asks it for processes, ends them."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from tracks import device as devices
from tracks.isolation import wire
from tracks.isolation.data_cache import DataCache
from tracks.isolation.errors import HarnessError
from tracks.isolation.limits import hide_from_other_processes
from tracks.isolation.protocol import End, Ended, Fork, Forked, Message, Role
from tracks.isolation.starter import started
from tracks.isolation.workers import Workers

M = TypeVar("M", bound=Message)
SOURCE = Path(__file__).resolve().parents[2]
KEPT_VARIABLES = ("LD_LIBRARY_PATH",)
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "PYTHONUNBUFFERED": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def allocator_settings() -> dict[str, str]:
    """Settings of the C library that avoid page faults, a quarter of a random_teacher run.

    Either pages of 2 MiB, or, where the system has none, keeping what a step frees in the process,
    which is as fast and takes 0.3 GB more. Neither changes a bit of the results.
    """
    if HUGE_PAGES.exists() and "[never]" not in HUGE_PAGES.read_text():
        return {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
    return {
        "MALLOC_MMAP_THRESHOLD_": str(2**26),
        "MALLOC_TRIM_THRESHOLD_": str(2**32),
        "MALLOC_TOP_PAD_": str(2**26),
    }


def module_path() -> str:
    """PYTHONPATH of the zygote: this source, then where the user has packages."""
    chosen = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    return os.pathsep.join([str(SOURCE), *map(os.path.abspath, chosen)])


ZYGOTE = ("-P", "-W", "ignore::DeprecationWarning", "-m", "tracks.isolation.zygote_start")
"""Python 3.12 warns at a fork beside the thread that torch.optim leaves waiting."""
STANDARD_ERROR = 2
ANSWER_S = 60.0
"""The zygote answers in milliseconds, once it has loaded torch in seconds."""


class Launcher:
    """Use as a context manager. Safe to share between threads; leaving it kills every child.

    `device` says whether its children see the GPUs of this machine.
    """

    def __init__(self, device: str = devices.CPU) -> None:
        self.device = devices.kind(device)
        ours, theirs = socket.socketpair()
        ours.settimeout(ANSWER_S)
        hide_from_other_processes()
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        environment = {**ENVIRONMENT, **allocator_settings(), **kept, "PYTHONPATH": module_path()}
        environment |= devices.visible_to_children(device)
        self._control = ours
        self._lock = threading.Lock()
        self.closed = False
        self.broken = False
        self._process = started(
            lambda: subprocess.Popen(
                [sys.executable, *ZYGOTE, str(theirs.fileno()), str(os.getpid())],
                env=environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=STANDARD_ERROR,  # a track of the user's own may print
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        )
        theirs.close()
        self.data = DataCache(self.fork, self.end)
        self.workers = Workers(self.fork, self.end, kept=devices.is_cuda(device))

    @property
    def pid(self) -> int:
        """Of the zygote."""
        return self._process.pid

    def __enter__(self) -> "Launcher":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def fork(self, role: Role, descriptors: Sequence[int], *, output: bool = False) -> int:
        """Fork a child that gets `descriptors` from number 3 on; its process identifier.

        With `output`, the last descriptor becomes its standard output and standard error.
        """
        return self._ask(Fork(role, output), Forked, descriptors).pid

    def end(self, pid: int, patience_s: float = 0.0) -> Ended:
        """Kill a child with its process group, after a time in which it may end by itself."""
        return self._ask(End(pid, patience_s), Ended)

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        self.workers.forget()
        # wakes the zygote, and any thread that waits for its answer
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._control.close()

    def _ask(self, request: Message, expected: type[M], descriptors: Sequence[int] = ()) -> M:
        with self._lock:
            try:
                wire.send(self._control, request, descriptors)
                return wire.receive(self._control, expected)
            except (wire.WireError, OSError) as error:
                # dead or stopped, it will not serve the next request either
                self.broken = True
                self._process.kill()
                raise HarnessError(f"the zygote process is gone: {error}") from error
