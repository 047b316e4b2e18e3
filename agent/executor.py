"""Evaluations in parallel: a pool of threads, each watching the processes of one evaluation."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from agent.evaluation_store import EvaluationStore
from tracks.evaluation import Evaluation, State
from tracks.instance import Instance
from tracks.isolation import EvaluationInterrupted, evaluate
from tracks.launcher import HarnessError, Launcher
from tracks.limits import Limits
from tracks.procedure import Procedure
from tracks.registry import get_track
from tracks.submission import Submission

OnStep = Callable[[int], None]


class Executor:
    """Use as a context manager; leaving it kills what still runs."""

    def __init__(
        self,
        launcher: Launcher,
        jobs: int,
        store: EvaluationStore,
        wall_s: float | None = None,
        memory_mb: int = 2048,
        device: str = "cpu",
    ) -> None:
        self.jobs = jobs
        self._store = store
        self._wall_s = wall_s
        self._memory_mb = memory_mb
        self._device = device
        self._launcher = launcher
        self._private: Launcher | None = None
        self._running: dict[str, Future[Evaluation]] = {}
        self._submitting = threading.Lock()
        self._one_alone = threading.Lock()
        self._replacing = threading.Lock()
        self._closed = False
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="evaluation")

    def __enter__(self) -> "Executor":
        return self

    def __exit__(self, *error: object) -> None:
        self._closed = True
        for launcher in (self._launcher, self._private):
            if launcher:
                launcher.close()
        self._threads.shutdown(cancel_futures=True)

    def submit(
        self,
        submission: Submission,
        instance: Instance,
        procedure: Procedure,
        on_step: OnStep | None = None,
    ) -> Future[Evaluation]:
        """Evaluate in the background, or take the evaluation from the store.

        One that is on its way already is waited for, not begun again.
        """
        key = self._store.key(submission, instance, procedure, self._device)
        with self._submitting:
            future = self._running.get(key)
            if future is None:
                task = partial(self._evaluate, key, submission, instance, procedure, on_step)
                future = self._running[key] = self._threads.submit(task)
                future.add_done_callback(lambda _: self._running.pop(key, None))
            return future

    def _evaluate(
        self,
        key: str,
        submission: Submission,
        instance: Instance,
        procedure: Procedure,
        on_step: OnStep | None,
    ) -> Evaluation:
        known = self._store.get(key)
        if known:
            return known
        if on_step:
            on_step(0)
        time_limit_s = get_track(instance.track).time_limit_s
        measure = partial(
            evaluate,
            submission,
            instance,
            procedure=procedure,
            limits=Limits(self._wall_s or time_limit_s, self._memory_mb),
            device=self._device,
            on_step=on_step,
        )
        try:
            evaluation = measure(self._working_launcher())
        except HarnessError:
            evaluation = self._alone(measure, Evaluation(instance, State.CRASH, procedure))
        self._store.put(key, evaluation)
        return evaluation

    def _alone(self, measure: Callable[[Launcher], Evaluation], crash: Evaluation) -> Evaluation:
        """Once more under a launcher of its own: it, or a neighbour, broke the shared one.

        Who breaks that too is the one to blame, and the study goes on without it.
        """
        with self._one_alone, Launcher() as launcher:
            self._private = launcher
            if self._closed:
                raise EvaluationInterrupted
            try:
                return measure(launcher)
            except HarnessError as error:
                reason = f"it broke the harness twice: {error}".splitlines()[0]
                return replace(crash, reason=reason)

    def _working_launcher(self) -> Launcher:
        with self._replacing:
            if self._launcher.broken and not self._closed:
                self._launcher.close()
                self._launcher = Launcher()
            return self._launcher
