"""The trainer and the host of each evaluation, and those kept for the next ones.

A CPU evaluation forks both in milliseconds and ends both. On a GPU a process needs a second for its
CUDA context, and the data has to be copied there: so trainers, which are trusted, are kept with
their data, and while an evaluation runs the host of the next one is made ready. A host is never
used twice.
"""

import os
import select
import socket
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from tracks.isolation import wire
from tracks.isolation.protocol import Ended, Prepare, Role

Fork = Callable[..., int]
End = Callable[[int, float], Ended]


@dataclass(eq=False)
class Worker:
    """A child of the zygote. A host's standard output is read from `output`, and the system calls
    that its sandbox stopped it for from `watcher`.

    `channel` is our end of a trainer's messages; of a host's channel it is the trainer's end, which
    is handed over with the job.
    """

    role: Role
    device: str
    pid: int
    channel: socket.socket
    output: int | None = None
    watcher: socket.socket | None = None

    def close(self) -> None:
        self.channel.close()
        if self.watcher is not None:
            self.watcher.close()
        if self.output is not None:
            os.close(self.output)
            self.output = None


class Workers:
    """Forks, keeps and ends the trainers and hosts of one launcher."""

    def __init__(self, fork: Fork, end: End, *, kept: bool) -> None:
        self._fork, self._end, self._kept = fork, end, kept
        self._lock = threading.Lock()
        self._forgotten = False
        self._idle: dict[str, list[Worker]] = defaultdict(list)
        """Trainers that wait for a job, by device."""
        self._ready: dict[str, list[Worker]] = defaultdict(list)
        """Hosts that wait for a submission, by device."""

    def trainer(self, device: str) -> Worker:
        """One that has been used on this device before, or a new one."""
        while True:
            with self._lock:
                idle = self._idle[device].pop() if self._idle[device] else None
            if idle is None:
                return self._start("trainer", device)
            # it says nothing while it waits: there is only the end of its channel to be read
            if not select.select([idle.channel], [], [], 0)[0]:
                return idle
            self.end(idle)
            idle.close()

    def host(self, device: str) -> Worker:
        """A fresh one; where they are kept, another is made ready in the background."""
        with self._lock:
            ready = self._ready[device].pop(0) if self._ready[device] else None
        host = ready or self._start("host", device)
        if self._kept:
            with suppress(Exception):  # the evaluation at hand does not need it
                self._keep_ready(self._start("host", device))
        return host

    def _keep_ready(self, host: Worker) -> None:
        with self._lock:
            if not self._forgotten:
                self._ready[host.device].append(host)
                return
        host.close()

    def give_back(self, trainer: Worker) -> bool:
        """Keep a trainer that has finished its job; False where it is to be ended."""
        with self._lock:
            kept = self._kept and not self._forgotten
            if kept:
                self._idle[trainer.device].append(trainer)
        return kept

    def end(self, worker: Worker, patience_s: float = 0.0) -> Ended:
        """Kill it with everything it started, unless it ends by itself in this time."""
        return self._end(worker.pid, patience_s)

    def release(self) -> None:
        """End all waiting processes, so that an evaluation has the GPU's memory to itself."""
        for worker in self._waiting():
            with suppress(Exception):  # where the zygote is gone, so are they
                self.end(worker)
            worker.close()

    def forget(self) -> None:
        """Close the channels of waiting processes, which the zygote then kills; keep no more."""
        with self._lock:
            self._forgotten = True
        for worker in self._waiting():
            worker.close()

    def _waiting(self) -> Sequence[Worker]:
        with self._lock:
            kept = [w for group in (self._idle, self._ready) for ws in group.values() for w in ws]
            self._idle.clear()
            self._ready.clear()
        return kept

    def _start(self, role: Role, device: str) -> Worker:
        with ExitStack() as theirs, ExitStack() as on_error:
            channel, its_channel = socket.socketpair()
            worker = Worker(role, device, 0, channel)
            on_error.callback(worker.close)
            given = [theirs.enter_context(its_channel).fileno()]
            if role == "host":
                worker.watcher, watched = socket.socketpair()
                worker.output, output = os.pipe()
                theirs.callback(os.close, output)
                given += [theirs.enter_context(watched).fileno(), output]
            worker.pid = self._fork(role, given, output=role == "host")
            if role == "host":
                wire.send(channel, Prepare(device))
            on_error.pop_all()
        return worker
