"""Measure one submission on one instance: a trainer and an optimizer host, watched from outside."""

import math
import os
import select
import selectors
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from tracks.base import Track
from tracks.evaluation import Evaluation, State
from tracks.instance import Instance
from tracks.isolation import seccomp, wire
from tracks.isolation.data_cache import DataError
from tracks.isolation.launcher import HarnessError, Launcher
from tracks.isolation.levels import Level
from tracks.isolation.limits import Limits, is_stopped
from tracks.isolation.sandbox import usual_level
from tracks.isolation.workers import Worker
from tracks.procedure import Procedure
from tracks.registry import get_track
from tracks.submission import Submission

KEPT_LOG_BYTES = 2**16
NO_LISTENER = -1
ATTACK = "only an attack makes it"
KILLED = "the optimizer process hung up, or was killed (out of memory?)"
"""The reason of a crash that may come from outside."""
FAILURES = set(State) - {State.COMPLETE}


class EvaluationInterrupted(Exception):
    """The launcher was closed while the evaluation ran."""


def evaluate(
    submission: Submission,
    instance: Instance,
    launcher: Launcher,
    *,
    procedure: Procedure,
    limits: Limits | None = None,
    device: str = "cpu",
    on_step: Callable[[int], None] | None = None,
    more_time: Callable[[float], float] | None = None,
) -> Evaluation:
    """Run `submission` on `instance` and return what happened; a failing submission is a result.

    `device` is `cpu`, `mps`, or a GPU such as `cuda:0` where the launcher was made for CUDA. The
    `fused` trainer does not exist on `mps`; the exact one takes its place there.

    A run that reaches the wall-clock limit ends, unless `more_time` then returns a longer one; it
    gets the limit in seconds.

    Raises HarnessError if the apparatus itself broke, EvaluationInterrupted if it was closed.
    """
    track = get_track(instance.track)
    limits = limits or default_limits(track)
    limits = replace(limits, sandbox=limits.sandbox or usual_level(device))
    if device == "mps":
        procedure = replace(procedure, trainer="exact")
    job = {
        "instance": instance.to_json(),
        "source": submission.source,
        "procedure": procedure.to_json(),
        "device": device,
        "limits": limits.to_json(),
    }
    started = time.monotonic()
    try:
        building = launcher.data.prepare(instance)
        watched = _Watched(launcher, device)
        try:
            data = building.result()
            watched.run(job | {"data": data.layout}, data.descriptor, limits, on_step, more_time)
        finally:
            watched.end()
    except (HarnessError, DataError, wire.WireError) as error:
        if launcher.closed:
            raise EvaluationInterrupted from error
        raise HarnessError(str(error)) from error
    if launcher.closed and not watched.answer:
        raise EvaluationInterrupted
    blank = Evaluation(
        instance, State.CRASH, procedure, data_audit=data.audit, sandbox=watched.sandbox
    )
    evaluation = _result(watched, blank)
    return replace(
        evaluation,
        duration_s=time.monotonic() - started,
        log=watched.log.decode(errors="replace"),
        memory_mb={role: kb / 1024 for role, kb in watched.peak_kb.items()},
    )


def default_limits(track: Track) -> Limits:
    return Limits(wall_s=track.time_limit_s)


class _Watched:
    """The two processes of one evaluation, their channels, and what came out of them."""

    def __init__(self, launcher: Launcher, device: str) -> None:
        self._workers = launcher.workers
        self.answer: dict[str, Any] = {}
        self._heard = False
        """Whether the answer is the trainer's."""
        self.log = bytearray()
        self.written = 0
        self.step = 0
        self.sandbox = Level.NONE
        self.peak_kb: dict[str, int] = {}
        self.exit_codes: dict[str, int] = {}
        self._listener = NO_LISTENER
        self._trainer = self._workers.trainer(device)
        try:
            self._host = self._workers.host(device)
        except Exception:
            self._end(self._trainer)
            raise

    def run(
        self,
        job: dict[str, Any],
        data: int,
        limits: Limits,
        on_step: Callable[[int], None] | None,
        more_time: Callable[[float], float] | None,
    ) -> None:
        """Watch until the trainer answers, the time is up, or too much was printed."""
        started, limit_s = time.monotonic(), limits.wall_s
        jobs, output, watcher = self._trainer.channel, self._output, self._watcher
        wire.send(jobs, job, [data, self._host.channel.fileno()])
        # the trainer must notice when the host is gone
        self._host.channel.close()
        with selectors.DefaultSelector() as selector:
            selector.register(jobs, selectors.EVENT_READ)
            selector.register(output, selectors.EVENT_READ)
            selector.register(watcher, selectors.EVENT_READ)
            while not self.answer:
                left = started + limit_s - time.monotonic()
                ready = selector.select(max(0.0, left))
                if not ready or left <= 0:
                    if self._heard_late(on_step):
                        break
                    longer_s = more_time(limit_s) if more_time else limit_s
                    if longer_s > limit_s:
                        limit_s = longer_s
                        continue
                    self.answer = _failed(
                        State.TIMEOUT,
                        f"over {round(limit_s, 1):g} s of wall-clock time, at step {self.step}",
                    )
                for key, _ in ready:
                    if key.fileobj is jobs:
                        self._hear(on_step)
                    elif key.fileobj is watcher:
                        selector.unregister(watcher)
                        if self._receive_listener():
                            selector.register(self._listener, selectors.EVENT_READ)
                    elif key.fileobj == self._listener:
                        self._attacked(selector)
                    elif not self._read_output():
                        selector.unregister(output)
                    elif self.written > limits.output_bytes and not self.answer:
                        reason = f"printed more than {limits.output_bytes} bytes"
                        self.answer = _failed(State.OUTPUT, reason)

    def end(self) -> None:
        """Kill the host with everything it started, and collect what it leaves.

        Then the trainer goes too, unless it has answered and is kept: its next job uses the same
        GPU memory, which no earlier host may still hold.
        """
        if self._listener != NO_LISTENER:
            os.close(self._listener)
        try:
            # what has been printed is there already; who still holds the pipe is not waited for
            self._end(self._host, drain=True)
        finally:
            if not (self._may_serve_again() and self._workers.give_back(self._trainer)):
                self._end(self._trainer)

    def _end(self, worker: Worker, *, drain: bool = False) -> None:
        try:
            code, peak = self._workers.end(worker)
            self.exit_codes[worker.role], self.peak_kb[worker.role] = code, peak
            if drain:
                os.set_blocking(self._output, False)
                with suppress(BlockingIOError):
                    while len(self.log) < KEPT_LOG_BYTES and self._read_output():
                        pass
        finally:
            worker.close()

    def _may_serve_again(self) -> bool:
        """Whether the trainer has ended its job by itself, and not for lack of memory."""
        failed = self.answer.get("failed", {})
        return self._heard and "fault" not in self.answer and failed.get("state") != State.MEMORY

    @property
    def _watcher(self) -> socket.socket:
        assert self._host.watcher is not None
        return self._host.watcher

    @property
    def _output(self) -> int:
        assert self._host.output is not None
        return self._host.output

    def _receive_listener(self) -> bool:
        """Whether the host's sandbox reports the calls that it stops the host for."""
        try:
            _, received, _, _ = socket.recv_fds(self._watcher, 1, 1)
        except OSError:
            return False
        self._listener = received[0] if received else NO_LISTENER
        return self._listener != NO_LISTENER

    def _attacked(self, selector: selectors.BaseSelector) -> None:
        call = seccomp.attack_in(self._listener)
        if not call:
            selector.unregister(self._listener)
        elif not self.answer:
            self.answer = _failed(State.FORBIDDEN, f"made the system call {call}: {ATTACK}")

    def _hear(self, on_step: Callable[[int], None] | None) -> None:
        message = wire.receive(self._trainer.channel)
        if "sandbox" in message:
            self.sandbox = Level(message["sandbox"])
            return
        if "step" not in message:
            self.answer, self._heard = message, True
            return
        self.step = message["step"]
        if on_step:
            on_step(self.step)

    def _heard_late(self, on_step: Callable[[int], None] | None) -> bool:
        """Whether the trainer answered in time, while this process was suspended.

        Raises HarnessError where the trainer itself is suspended: the time is not the submission's.
        """
        jobs = self._trainer.channel
        while not self.answer and select.select([jobs], [], [], 0)[0]:
            self._hear(on_step)
        if not self.answer and is_stopped(self._trainer.pid):
            raise HarnessError("the trainer was suspended from outside")
        return bool(self.answer)

    def _read_output(self) -> bool:
        part = os.read(self._output, 2**16)
        self.written += len(part)
        self.log += part[: KEPT_LOG_BYTES - len(self.log)]
        return bool(part)


def _failed(state: State, reason: str) -> dict[str, Any]:
    return {"failed": {"state": state, "reason": reason, "traceback": []}}


def _result(watched: _Watched, blank: Evaluation) -> Evaluation:
    answer = watched.answer
    if "fault" in answer:
        raise HarnessError(f"the trainer failed:\n{answer['fault']}")
    if "done" in answer:
        done = answer["done"]
        curve = tuple((int(step), float(value)) for step, value in done.pop("curve"))
        if math.isfinite(curve[-1][1]):
            return replace(blank, state=State.COMPLETE, curve=curve, **done)
        reason = "the final metric is not finite"
        return replace(blank, state=State.NONFINITE, reason=reason, curve=curve, **done)
    failed = answer["failed"]
    # the host's own word, so it may be anything
    state = State(failed["state"]) if failed["state"] in FAILURES else State.CRASH
    reason = failed["reason"]
    if state is State.CRASH and not reason:
        state, reason = _how_it_ended(watched.exit_codes["host"])
    return replace(blank, state=state, reason=reason, traceback=tuple(failed["traceback"]))


def _how_it_ended(exit_code: int) -> tuple[State, str]:
    if exit_code >= 0:
        return State.CRASH, f"the optimizer process exited with status {exit_code}"
    if -exit_code == signal.SIGXCPU:
        return State.TIMEOUT, "used up its CPU time"
    if -exit_code == signal.SIGSYS:
        return State.FORBIDDEN, f"the kernel ended it at a system call: {ATTACK}"
    if -exit_code == signal.SIGKILL:
        return State.CRASH, KILLED
    known = {number.value: number.name for number in signal.Signals}
    name = known.get(-exit_code, f"signal {-exit_code}")
    return State.CRASH, f"the optimizer process died of {name}"
