"""The process that has torch loaded and forks trainers, hosts and data builders in milliseconds.

It holds no secret: track, seeds and submission go to its children over their own sockets. When the
launcher ends, in whatever way, all of them die.
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

import torch

from tracks.isolation import data_builder, gpu_memory, limits, optimizer_host, trainer, wire
from tracks.isolation.protocol import End, Ended, Fork, Forked, Role
from tracks.isolation.warm_up import warm_up

ROLES: dict[Role, Callable[[list[socket.socket]], None]] = {
    "trainer": trainer.main,
    "host": optimizer_host.main,
    "data": data_builder.main,
}

PAUSE_S = 0.01
"""Between two checks of whether a child has ended."""


def main(control: int) -> None:
    """Serve on this descriptor; `zygote_start` calls it in a process of its own."""
    wire.prepare()
    torch.set_num_threads(1)  # forking after an operation on several threads would hang the child
    serve(socket.socket(fileno=control))


def serve(control: socket.socket) -> None:
    """Answer `fork` and `end` requests until the launcher closes its end."""
    limits.hide_from_other_processes()
    limits.adopt_orphans()
    live: set[int] = set()
    try:
        while True:
            request, descriptors = wire.receive_with_descriptors(control, Fork, End)
            if isinstance(request, Fork):
                if request.role == "host":
                    warm_up()
                pid = _fork(request, descriptors)
                live.add(pid)
                wire.send(control, Forked(pid))
            else:
                live.discard(request.pid)
                wire.send(control, _end(request.pid, live, request.patience_s))
    except wire.WireError:
        for pid in live:
            _end(pid, live)


def _fork(request: Fork, descriptors: list[int]) -> int:
    pid = os.fork()
    if pid == 0:
        _become(request, descriptors)
    with suppress(OSError):  # the child was faster
        os.setpgid(pid, pid)
    for descriptor in descriptors:
        os.close(descriptor)
    return pid


def _become(request: Fork, descriptors: list[int]) -> NoReturn:
    """Keep only this child's descriptors; the last is its standard output if so requested."""
    status = 1
    try:
        os.setpgid(0, 0)
        limits.die_with_parent()
        limits.name_this_process(request.role)
        if os.getppid() == 1:
            os._exit(1)
        if request.output:
            os.dup2(descriptors[-1], 1)
            os.dup2(descriptors[-1], 2)
            os.close(descriptors.pop())
        # first out of the way of the numbers they are to get, then onto 3, 4, ...
        base, count = max(descriptors) + 1, len(descriptors)
        for index, descriptor in enumerate(descriptors):
            os.dup2(descriptor, base + index)
        for index in range(count):
            os.dup2(base + index, 3 + index)
        os.closerange(3 + count, os.sysconf("SC_OPEN_MAX"))
        ROLES[request.role]([socket.socket(fileno=3 + index) for index in range(count)])
        status = 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _end(pid: int, live: set[int], patience_s: float = 0.0) -> Ended:
    """Kill a child's process group and what escaped from it; return how the child ended."""
    alive = _lives(pid, patience_s)
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError):
            kill(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    while strays := limits.children_of_this_process() - live:
        for stray in strays:
            with suppress(PermissionError):
                os.kill(stray, signal.SIGKILL)
            os.waitpid(stray, 0)
    gpu_memory.remove_counters(pid)
    cpu_s = usage.ru_utime + usage.ru_stime
    return Ended(os.waitstatus_to_exitcode(status), usage.ru_maxrss, cpu_s, alive)


def _lives(pid: int, patience_s: float) -> bool:
    """Whether a child still lives after this time; False where the system does not say."""
    if not hasattr(os, "waitid"):
        return False
    until = time.monotonic() + patience_s
    while not os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        if time.monotonic() >= until:
            return True
        time.sleep(PAUSE_S)
    return False
