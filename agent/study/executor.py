"""Evaluations in parallel: each is taken from the store, or computed once."""

import threading
from abc import ABC, abstractmethod
from concurrent.futures import Future
from typing import Self

from agent.study.bounds import Bounds
from agent.study.evaluation_store import EvaluationStore
from agent.study.task import OnStep, Task
from tracks.device import kind
from tracks.evaluation import Evaluation
from tracks.instance import Instance
from tracks.isolation.levels import Level
from tracks.isolation.sandbox import levels_for
from tracks.procedure import Procedure
from tracks.processor import hardware
from tracks.submission import Submission


class Executor(ABC):
    """Use as a context manager; leaving it ends running evaluations.

    An instance says where evaluations are computed: on this machine, or on the workers of a
    cluster. Everything that measures calls `submit`, which calls `_begin` where nothing is stored.

    Without `store` every evaluation is computed. `device` is the kind of device of results that are
    compared. Futures raise MachineError where evaluations fail whatever is evaluated.
    """

    def __init__(self, device: str, store: EvaluationStore | None, bounds: Bounds) -> None:
        self.device = kind(device)
        self._store = store
        self._bounds = bounds
        self._running: dict[str, Future[Evaluation]] = {}
        self._submitting = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    @abstractmethod
    def jobs(self) -> int:
        """Evaluations that are computed at once."""

    @property
    @abstractmethod
    def gpu_s(self) -> float:
        """Seconds that evaluations have held a GPU, summed over them."""

    @abstractmethod
    def close(self) -> None:
        """End running evaluations and cancel waiting ones."""

    @abstractmethod
    def _begin(self, key: str, task: Task) -> Future[Evaluation]:
        """Compute in the background; equal keys are equal evaluations, "" is of none."""

    def submit(
        self,
        submission: Submission,
        instance: Instance,
        procedure: Procedure,
        on_step: OnStep | None = None,
        device: str | None = None,
    ) -> Future[Evaluation]:
        """Evaluate in the background, or take the evaluation from the store.

        The same evaluation is never run twice at once. `device` is for results that are not
        compared with the rest, such as published figures.
        """
        on = device or self.device
        task = Task(submission, instance, procedure, on, self._bounds, on_step)
        if self._store is None:
            return self._begin("", task)
        key = self._key(self._store, task)
        with self._submitting:
            future = self._running.get(key)
            if future is None:
                future = self._running[key] = self._stored(self._store, key, task)
                future.add_done_callback(lambda _: self._running.pop(key, None))
            return future

    def least_sandbox(self, optimizer_device: str) -> Level:
        """The sandbox level without which nothing is run on a device."""
        return levels_for(optimizer_device, self._bounds.min_sandbox)[1]

    def _computer(self, device: str) -> str:
        """The kind of hardware that computes."""
        return hardware(device)

    def _key(self, store: EvaluationStore, task: Task) -> str:
        return store.key(
            task.submission,
            task.instance,
            task.procedure,
            task.device,
            self.least_sandbox(task.optimizer_device),
            self._computer(task.device),
        )

    def _stored(self, store: EvaluationStore, key: str, task: Task) -> Future[Evaluation]:
        """Done as soon as the evaluation is in the store."""
        stored: Future[Evaluation] = Future()
        if evaluation := store.get(key):
            stored.set_result(evaluation)
            return stored

        def keep(computed: Future[Evaluation]) -> None:
            try:
                evaluation = computed.result()
                store.put(key, evaluation)
            except BaseException as error:
                stored.set_exception(error)
            else:
                stored.set_result(evaluation)

        self._begin(key, task).add_done_callback(keep)
        return stored
