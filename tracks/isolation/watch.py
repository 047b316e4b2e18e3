"""The two processes of one evaluation, watched from outside: time, output, forbidden calls."""

import os
import select
import selectors
import socket
import time
from collections.abc import Callable
from contextlib import suppress

from tracks.base import TrackSource
from tracks.evaluation import State
from tracks.isolation import seccomp, wire
from tracks.isolation.errors import HarnessError
from tracks.isolation.levels import Level
from tracks.isolation.limits import CALL_S, is_stopped
from tracks.isolation.protocol import (
    Boxed,
    Calling,
    Done,
    Ended,
    Failed,
    Fault,
    Job,
    Progress,
)
from tracks.isolation.workers import Worker, Workers
from tracks.track_file import silent

ANSWERS = (Boxed, Calling, Progress, Done, Failed, Fault)
KEPT_LOG_BYTES = 2**16
NO_LISTENER = -1
ENDING_S = 2.0
"""For a process whose channel is closed; one that was killed has ended in milliseconds."""
ATTACK = "only an attack makes it"
OnStep = Callable[[int], None] | None
MoreTime = Callable[[float], float] | None


class Watch:
    """A trainer and an optimizer host, their channels, and what came out of them."""

    def __init__(
        self, workers: Workers, device: str, optimizer_device: str, on_step: OnStep
    ) -> None:
        self._workers, self._on_step = workers, on_step
        self.answer: Done | Failed | Fault | None = None
        self.log = bytearray()
        self.sandbox = Level.NONE
        self.ended: dict[str, Ended] = {}
        """How each process ended, by role."""
        self._answered = False
        """Whether the answer is the trainer's."""
        self._written = 0
        self._progress = Progress(0)
        self._calling = Calling("")
        self._since = time.monotonic()
        """When the run began, or the method of its track that is tried."""
        self._listener = NO_LISTENER
        self._trainer = workers.trainer(device)
        try:
            self._host = workers.host(optimizer_device)
        except Exception:
            self._end(self._trainer)
            raise
        assert self._host.output is not None
        assert self._host.watcher is not None
        self._output, self._watcher = self._host.output, self._host.watcher

    def run(self, job: Job, data: int, more_time: MoreTime) -> None:
        """Watch until the trainer answers, the time is up, or too much was printed."""
        self._since, limit_s = time.monotonic(), job.limits.wall_s
        self._calling = Calling("student" if job.check_track else "")
        wire.send(self._trainer.channel, job, [data, self._host.channel.fileno()])
        # the trainer must notice when the host is gone
        self._host.channel.close()
        with selectors.DefaultSelector() as selector:
            for source in (self._trainer.channel, self._output, self._watcher):
                selector.register(source, selectors.EVENT_READ)
            while not self.answer:
                longest_s = max(CALL_S, limit_s) if self._calling.method else limit_s
                left = self._since + longest_s - time.monotonic()
                ready = selector.select(max(0.0, left))
                if not ready or left <= 0:
                    self._receive_late()
                    if self._blames(job.track_source, longest_s):
                        continue
                    longer_s = more_time(limit_s) if more_time and not self.answer else limit_s
                    if longer_s > limit_s:
                        limit_s = longer_s
                        continue
                    self._fail(State.TIMEOUT, self._late(limit_s))
                    return
                for key, _ in ready:
                    self._attend(key.fileobj, selector)
                if self._written > job.limits.output_bytes:
                    self._fail(State.OUTPUT, f"printed more than {job.limits.output_bytes} bytes")

    def end(self) -> None:
        """Kill the host with everything it started, and collect its output.

        Then the trainer ends too, unless it has answered and is kept: its next job uses the same
        GPU memory, which no earlier host may still hold.
        """
        if self._listener != NO_LISTENER:
            os.close(self._listener)
        try:
            # all output is there already; another process that holds the pipe is not waited for
            self._end(self._host, drain=True, patience_s=ENDING_S if self._is_gone() else 0.0)
        finally:
            if not (self._may_serve_again() and self._workers.give_back(self._trainer)):
                self._end(self._trainer)

    def _is_gone(self) -> bool:
        """Whether the host's channel has ended without a word: did the host end, or hang up?"""
        return self.answer == Failed(State.CRASH)

    def _end(self, worker: Worker, *, drain: bool = False, patience_s: float = 0.0) -> None:
        try:
            self.ended[worker.role] = self._workers.end(worker, patience_s)
            if drain:
                os.set_blocking(self._output, False)
                with suppress(BlockingIOError):
                    while len(self.log) < KEPT_LOG_BYTES and self._read_output():
                        pass
        finally:
            worker.close()

    def _may_serve_again(self) -> bool:
        """Whether the trainer has ended its job by itself, and not for lack of memory."""
        match self.answer:
            case Done():
                return self._answered
            case Failed(state):
                return self._answered and state is not State.MEMORY
        return False

    def _blames(self, track: TrackSource | None, longest_s: float) -> bool:
        """Whether a method of the track is tried; if it is the one that took too long, it ends."""
        method = self._calling.method
        if track and method and time.monotonic() >= self._since + longest_s:
            self.answer = self.answer or Fault("", str(silent(track, method, longest_s)))
        return bool(method)

    def _late(self, limit_s: float) -> str:
        """Why a run has ended that took longer, and whether the time went into the optimizer."""
        step, track_s = self._progress.step, self._progress.track_s
        reason = f"over {round(limit_s, 1):g} s of wall-clock time, at step {step}"
        if track_s < limit_s / 2:
            return reason
        return f"{reason}; the track's loss and metric took {track_s:.0f} s of it"

    def _fail(self, state: State, reason: str) -> None:
        """End the run, unless it has ended."""
        self.answer = self.answer or Failed(state, reason)

    def _attend(self, source: object, selector: selectors.BaseSelector) -> None:
        """Read from a source that is ready."""
        if source is self._trainer.channel:
            self._receive()
        elif source is self._watcher:
            selector.unregister(self._watcher)
            if self._receive_listener():
                selector.register(self._listener, selectors.EVENT_READ)
        elif source == self._listener:
            if call := seccomp.attack_in(self._listener):
                self._fail(State.FORBIDDEN, f"made the system call {call}: {ATTACK}")
            else:
                selector.unregister(self._listener)
        elif not self._read_output():
            selector.unregister(self._output)

    def _receive_listener(self) -> bool:
        """Whether the host's sandbox reports the calls that it stops the host for."""
        try:
            _, received, _, _ = socket.recv_fds(self._watcher, 1, 1)
        except OSError:
            return False
        self._listener = received[0] if received else NO_LISTENER
        return self._listener != NO_LISTENER

    def _receive(self) -> None:
        match message := wire.receive(self._trainer.channel, *ANSWERS):
            case Boxed(level):
                self.sandbox = level
            case Calling():
                self._calling, self._since = message, time.monotonic()
            case Progress(step):
                self._progress = message
                if self._on_step:
                    self._on_step(step)
            case Done() | Failed() | Fault():
                self.answer, self._answered = message, True

    def _receive_late(self) -> None:
        """Receive what the trainer sent in time, while this process was suspended.

        Raises HarnessError where the trainer itself is suspended: the time is not the submission's.
        """
        while not self.answer and select.select([self._trainer.channel], [], [], 0)[0]:
            self._receive()
        if not self.answer and is_stopped(self._trainer.pid):
            raise HarnessError("the trainer was suspended from outside")

    def _read_output(self) -> bool:
        part = os.read(self._output, 2**16)
        self._written += len(part)
        self.log += part[: KEPT_LOG_BYTES - len(self.log)]
        return bool(part)
