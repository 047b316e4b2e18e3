"""Evaluations in parallel: a pool of threads, each watching the processes of one evaluation."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from agent.evaluation_store import EvaluationStore
from tracks.evaluation import Evaluation, State
from tracks.instance import Instance
from tracks.isolation import evaluate
from tracks.launcher import HarnessError, Launcher
from tracks.limits import Limits
from tracks.submission import Submission

OnStep = Callable[[int], None]


class Executor:
    """Use as a context manager; leaving it kills what still runs."""

    def __init__(
        self,
        launcher: Launcher,
        jobs: int,
        store: EvaluationStore,
        limits: Limits | None = None,
        device: str = "cpu",
    ) -> None:
        self.jobs = jobs
        self._store = store
        self._limits = limits
        self._device = device
        self._launcher = launcher
        self._private: Launcher | None = None
        self._alone = threading.Lock()
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
        eval_every: int,
        on_step: OnStep | None = None,
    ) -> Future[Evaluation]:
        """Evaluate in the background, or take the evaluation from the store."""
        return self._threads.submit(self._evaluate, submission, instance, eval_every, on_step)

    def _evaluate(
        self,
        submission: Submission,
        instance: Instance,
        eval_every: int,
        on_step: OnStep | None,
    ) -> Evaluation:
        key = self._store.key(submission, instance, eval_every, self._device)
        known = self._store.get(key)
        if known:
            return known
        if on_step:
            on_step(0)
        arguments = (submission, instance, eval_every, on_step)
        try:
            evaluation = self._measure(self._working_launcher(), *arguments)
        except HarnessError:
            evaluation = self._measure_alone(*arguments)
        self._store.put(key, evaluation)
        return evaluation

    def _measure(
        self,
        launcher: Launcher,
        submission: Submission,
        instance: Instance,
        eval_every: int,
        on_step: OnStep | None,
    ) -> Evaluation:
        return evaluate(
            submission,
            instance,
            launcher,
            eval_every=eval_every,
            limits=self._limits,
            device=self._device,
            on_step=on_step,
        )

    def _measure_alone(
        self,
        submission: Submission,
        instance: Instance,
        eval_every: int,
        on_step: OnStep | None,
    ) -> Evaluation:
        """Once more under a launcher of its own: it, or a neighbour, broke the shared one.

        Who breaks that too is the one to blame, and the study goes on without it.
        """
        with self._alone, Launcher() as launcher:
            self._private = launcher
            try:
                return self._measure(launcher, submission, instance, eval_every, on_step)
            except HarnessError as error:
                reason = f"it broke the harness twice: {error}".splitlines()[0]
                return Evaluation(instance, State.CRASH, eval_every, reason)

    def _working_launcher(self) -> Launcher:
        with self._replacing:
            if self._launcher.broken and not self._closed:
                self._launcher.close()
                self._launcher = Launcher()
            return self._launcher
