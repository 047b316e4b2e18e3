"""Measures one task at a time for each thread, and finds out who is to blame where that fails."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from agent.study.device_pool import DevicePool
from agent.study.known_good import cause, known_good, machine_error, require_control, seconds_of
from agent.study.launchers import Launchers, opened_by
from agent.study.task import OnStep, Task
from agent.study.time_limits import TimeLimits
from tracks.device import is_cuda, kind
from tracks.evaluation import Evaluation, State
from tracks.instance import Instance
from tracks.isolation.errors import DataError, EvaluationInterrupted, HarnessError
from tracks.isolation.evaluate import KILLED, evaluate
from tracks.isolation.launcher import Launcher
from tracks.isolation.limits import LONGEST_S, Limits
from tracks.isolation.sandbox import levels_for
from tracks.isolation.track_raised import TrackRaisedError
from tracks.procedure import Procedure
from tracks.registry import get_track
from tracks.track_file import TrackError

MAX_FAILED_CONTROLS = 3
"""In a row; then the machine counts as broken, and the run ends."""
MAX_BROKEN = 3
"""An evaluation that broke its processes this often, even alone, ends as a crash."""
CONTROL_S = 600.0
"""Time limit of a control, which usually takes a second."""
PAUSE_S = 2.0
"""Between a failed control and the next attempt."""


class Measurer:
    """Evaluates in processes of this machine; safe to share between threads.

    Evaluations are spread over `devices`, which are of one kind.
    """

    def __init__(self, launcher: Launcher, devices: Sequence[str]) -> None:
        device = kind(devices[0])
        self.devices = DevicePool(devices)
        self._launchers = {device: Launchers(launcher, partial(Launcher, device))}
        self._assigning = threading.Lock()
        self._time_limits = TimeLimits()
        self._failed_controls = 0
        self._passed = set[Instance]()
        """Instances on which the track's code did not fail with adamw."""
        self._closed = threading.Event()

    def close(self) -> None:
        """End running evaluations, which raise EvaluationInterrupted."""
        self._closed.set()
        with self._assigning:
            opened = list(self._launchers.values())
        for launchers in opened:
            launchers.close()

    def evaluate(self, task: Task) -> Evaluation:
        """The evaluation; a failing submission has one as well.

        Raises MachineError where the evaluation processes fail three times in a row with adamw as
        well, and TrackError where the track's own code does: then no submission is to blame.
        """
        if task.on_step:
            task.on_step(0)
        try:
            evaluation = self._beside_others(task)
        except HarnessError:
            # this evaluation, another one or the machine broke the launcher
            return self._again_alone(task)
        if _was_killed(evaluation):
            return self._again_alone(task)
        self._failed_controls = 0
        return evaluation

    def _beside_others(self, task: Task) -> Evaluation:
        """Under the shared launcher. Raises HarnessError."""
        with self._launchers_of(task.device).shared() as launcher:
            try:
                evaluation = self._measure(task, launcher, task.bounds.wall_s)
            except TrackRaisedError as raised:
                return self._of_track_or_submission(task, raised, launcher)
        if evaluation.state is State.MEMORY and is_cuda(task.device):
            # evaluations beside it may have taken the memory
            with self._launchers_of(task.device).alone() as launcher:
                return self._measure(task, launcher, task.bounds.wall_s)
        return evaluation

    def _again_alone(self, task: Task) -> Evaluation:
        """Evaluate under a new launcher with nothing beside it, once adamw has passed there.

        A submission that breaks that repeatedly ends as a crash; a single break may have another
        cause. Where adamw fails, the evaluation waits and is tried again; raises MachineError
        after too many failures.
        """
        broken = 1
        while True:
            try:
                with self._launchers_of(task.device).alone() as launcher:
                    self._require_control(task, launcher)
                    evaluation, to_blame = self._after_control(task, launcher)
                broken += to_blame
                if not to_blame or broken == MAX_BROKEN:
                    self._failed_controls = 0
                    return evaluation
            except HarnessError as error:
                self._failed_controls += 1
                if self._failed_controls >= MAX_FAILED_CONTROLS:
                    raise machine_error(error, task.instance.track) from error
            self._closed.wait(PAUSE_S)

    def _after_control(self, task: Task, launcher: Launcher) -> tuple[Evaluation, bool]:
        """The evaluation, and whether it broke its processes."""
        try:
            evaluation = self._measure(task, launcher, task.bounds.wall_s)
        except HarnessError as error:
            if isinstance(error.__cause__, DataError):
                raise  # data is built before a submission runs
            reason = f"it broke the evaluation processes {MAX_BROKEN} times, adamw does not: "
            reason += cause(error)
            return Evaluation(task.instance, State.CRASH, task.procedure, reason), True
        except TrackRaisedError as raised:
            return self._of_track_or_submission(task, raised, launcher), False
        return evaluation, _was_killed(evaluation)

    def _require_control(self, task: Task, launcher: Launcher) -> None:
        require_control(
            get_track(task.instance.track),
            task.procedure,
            lambda good, instance, procedure: self._measure(
                Task(good, instance, procedure, task.device, task.bounds), launcher, CONTROL_S
            ),
        )

    def _of_track_or_submission(
        self, task: Task, raised: TrackRaisedError, launcher: Launcher
    ) -> Evaluation:
        """The submission's failure, where the track's code passes with adamw on that instance.

        Far from the start any loss may fail. Raises TrackError where it fails with adamw as well.
        """
        if task.instance not in self._passed:
            scale = get_track(task.instance.track).scales[task.instance.scale]
            adamw = replace(task, submission=known_good(scale.max_steps), on_step=None)
            try:
                self._measure(adamw, launcher, None)
            except TrackRaisedError as error:
                raise TrackError(str(error)) from error
            self._passed.add(task.instance)
        return raised.evaluation

    def _measure(self, task: Task, launcher: Launcher, wall_s: float | None) -> Evaluation:
        """Under a fixed time limit, or under the track's, which follows the load."""
        track = get_track(task.instance.track)
        sandbox, least = levels_for(task.optimizer_device, task.bounds.min_sandbox)
        limits = Limits(
            track.time_limit_s if wall_s is None else wall_s,
            task.bounds.memory_mb,
            cpu_s=LONGEST_S if wall_s is None else None,
            sandbox=sandbox,
            least_sandbox=least,
        )
        with self.devices.least_busy(task.device) as device:
            return evaluate(
                task.submission,
                task.instance,
                launcher,
                procedure=task.procedure,
                limits=limits,
                device=device,
                on_step=task.on_step,
                more_time=partial(self._more_time, task, launcher) if wall_s is None else None,
            )

    def _launchers_of(self, device: str) -> Launchers:
        """Of this kind of device; other kinds than the executor's own are opened on demand."""
        with self._assigning:
            if self._closed.is_set():
                raise EvaluationInterrupted
            if device not in self._launchers:
                opened = partial(Launcher, device)
                self._launchers[device] = Launchers(opened_by(opened), opened)
            return self._launchers[device]

    def _more_time(self, task: Task, launcher: Launcher, limit_s: float) -> float:
        """Calibrate beside the run that has reached `limit_s`, under the same load."""
        scale = get_track(task.instance.track).scales[task.instance.scale]
        max_steps = task.procedure.last_step(scale)
        # without a target: to the last step
        asked = task.procedure
        procedure = Procedure(asked.eval_every, asked.trainer, steps=asked.steps)

        def adamw(wall_s: float, on_step: OnStep) -> Evaluation:
            known = Task(known_good(max_steps), task.instance, procedure, task.device, task.bounds)
            return self._measure(replace(known, on_step=on_step), launcher, wall_s)

        measure = partial(seconds_of, adamw, max_steps)
        return self._time_limits.extended(task.instance, task.procedure, limit_s, measure)


def _was_killed(evaluation: Evaluation) -> bool:
    """Whether the optimizer process was killed from outside."""
    return evaluation.state is State.CRASH and evaluation.reason == KILLED
