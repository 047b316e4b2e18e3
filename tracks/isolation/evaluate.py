"""Measure one submission on one instance, isolated from everything else."""

import math
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from tracks.evaluation import Evaluation, State
from tracks.instance import Instance
from tracks.isolation import wire
from tracks.isolation.data_cache import InstanceData
from tracks.isolation.errors import DataError, EvaluationInterrupted, HarnessError
from tracks.isolation.launcher import Launcher
from tracks.isolation.limits import Limits
from tracks.isolation.protocol import Done, Ended, Failed, Fault, Job
from tracks.isolation.sandbox import usual_level
from tracks.isolation.track_raised import TrackRaisedError
from tracks.isolation.watch import ATTACK, Watch
from tracks.procedure import Procedure, optimizer_device
from tracks.registry import get_track
from tracks.submission import Submission
from tracks.track_file import TrackError

KILLED = "the optimizer process was killed (out of memory?)"
"""The reason of a crash that comes from outside."""
CPU_TIME = "used up its CPU time"


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
    """Run `submission` on `instance` and return the result; a failing submission is a result.

    `device` is `cpu`, `mps`, or a GPU such as `cuda:0` where the launcher was made for CUDA. There
    is no `fused` trainer on `mps`; the exact one takes its place.

    A run that reaches the wall-clock limit ends, unless `more_time` then returns a longer one; it
    gets the limit in seconds. Raises HarnessError if the harness itself broke, TrackError where the
    track's own file did (TrackRaisedError after a step), EvaluationInterrupted if it was closed.
    """
    track = get_track(instance.track)
    if device == "mps":
        procedure = replace(procedure, trainer="exact")
    steps_on = optimizer_device(track, procedure, device)
    limits = limits or Limits(track.time_limit_s)
    limits = replace(limits, sandbox=limits.sandbox or usual_level(steps_on))
    started = time.monotonic()
    with _faults_of(launcher):
        building = launcher.data.prepare(instance)
        watch = Watch(launcher.workers, device, steps_on, on_step)
        try:
            data = building.result()
            how = (procedure, device, steps_on, limits)
            job = Job(instance, submission.source, *how, data.layout, track.source, not data.tried)
            watch.run(job, data.descriptor, more_time)
        finally:
            watch.end()
    if launcher.closed and not watch.answer:
        raise EvaluationInterrupted
    return replace(_result(watch, job, data), duration_s=time.monotonic() - started)


@contextmanager
def _faults_of(launcher: Launcher) -> Iterator[None]:
    """Errors of the harness as HarnessError, or EvaluationInterrupted where it was closed."""
    try:
        yield
    except (HarnessError, DataError, wire.WireError) as error:
        if launcher.closed:
            raise EvaluationInterrupted from error
        raise HarnessError(str(error)) from error


def _result(watch: Watch, job: Job, data: InstanceData) -> Evaluation:
    blank = Evaluation(
        job.instance,
        State.CRASH,
        job.procedure,
        data_audit=data.audit,
        sandbox=watch.sandbox,
        log=watch.log.decode(errors="replace"),
        memory_mb={role: ended.peak_kb / 1024 for role, ended in watch.ended.items()},
    )
    match watch.answer:
        case Done() as done:
            data.tried = True
            ended = replace(blank, state=State.COMPLETE, **vars(done))
            if math.isfinite(done.curve[-1][1]):
                return ended
            return replace(ended, state=State.NONFINITE, reason="the final metric is not finite")
        case Failed(state, reason, traceback):
            if state is State.CRASH and not reason:
                state, reason = _how_it_ended(watch.ended["host"], job.limits)
            elif reason == KILLED:
                # a claim of the host; only its exit status says so
                reason = f"it said that {reason}"
            return replace(blank, state=state, reason=reason, traceback=traceback)
        case Fault(blame=line, after_step=step) if line and step:
            reason = f"after step {step} the track's own code failed: {line}"
            raise TrackRaisedError(line, replace(blank, state=State.DIVERGED, reason=reason))
        case Fault(blame=line) if line:
            raise TrackError(line)
        case Fault(traceback):
            raise HarnessError(f"the trainer failed:\n{traceback}")
    raise HarnessError("the trainer gave no answer")


def _how_it_ended(ended: Ended, limits: Limits) -> tuple[State, str]:
    """How a host ended that said nothing; what it did itself must not pass for a kill."""
    exit_code = ended.exit_code
    if ended.killed_here:
        return State.CRASH, "the optimizer process hung up"
    if -exit_code == signal.SIGKILL and ended.cpu_s >= (limits.cpu_s or limits.wall_s):
        return State.TIMEOUT, CPU_TIME
    if exit_code >= 0:
        return State.CRASH, f"the optimizer process exited with status {exit_code}"
    if -exit_code == signal.SIGXCPU:
        return State.TIMEOUT, CPU_TIME
    if -exit_code == signal.SIGSYS:
        return State.FORBIDDEN, f"the kernel ended it at a system call: {ATTACK}"
    if -exit_code == signal.SIGKILL:
        return State.CRASH, KILLED
    known = {number.value: number.name for number in signal.Signals}
    name = known.get(-exit_code, f"signal {-exit_code}")
    return State.CRASH, f"the optimizer process died of {name}"
