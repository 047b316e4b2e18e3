"""Evaluations in parallel: a pool of threads, each watching the processes of one evaluation."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from agent.evaluation_store import EvaluationStore
from tracks.evaluation import Evaluation
from tracks.instance import Instance
from tracks.isolation import evaluate
from tracks.launcher import Launcher
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
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="evaluation")

    def __enter__(self) -> "Executor":
        return self

    def __exit__(self, *error: object) -> None:
        self._launcher.close()
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
        evaluation = evaluate(
            submission,
            instance,
            self._launcher,
            eval_every=eval_every,
            limits=self._limits,
            device=self._device,
            on_step=on_step,
        )
        self._store.put(key, evaluation)
        return evaluation
