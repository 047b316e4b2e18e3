"""Evaluations on the workers of a cluster: idempotent tasks under the keys of the store."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from agent.study.bounds import Bounds
from agent.study.cluster.connection import Cluster
from agent.study.errors import MachineError
from agent.study.evaluation_store import EvaluationStore
from agent.study.executor import Executor
from agent.study.task import OnStep, Task
from tracks.device import CPU, is_cuda
from tracks.evaluation import Evaluation, State
from tracks.isolation.errors import EvaluationInterrupted
from tracks.isolation.levels import Level
from tracks.registry import get_track

if TYPE_CHECKING:
    from distributed import Future as Asked

RETRIES = 2
"""Of a task whose worker raises an error of its machine; another worker may be sound."""
CHECK_S = 5.0
"""Between two counts of the workers."""


@dataclass(eq=False)
class _Waiting:
    """A task that is asked for, and the future of who waits for it."""

    name: str
    task: Task
    computed: Future[Evaluation] = field(default_factory=Future)
    slots: int = 0
    """Of the worker that it gets to itself; 0 where it may run beside others."""
    asked: "Asked[Evaluation] | None" = None

    @property
    def key(self) -> str:
        return f"{self.name}-alone-{self.slots}" if self.slots else self.name


class DaskExecutor(Executor):
    """Results are written to the store here, by the coordinator.

    A task whose worker is lost runs on another one. One that is there whenever workers are lost
    gets a worker to itself, and ends as a crash if that is lost as well, again and again.

    Leaving it ends what runs for it on the workers. Futures raise MachineError where the scheduler
    is lost; what was finished is kept.
    """

    def __init__(
        self,
        cluster: Cluster,
        store: EvaluationStore | None,
        bounds: Bounds,
        device: str,
        note: Callable[[str], object],
    ) -> None:
        super().__init__(device, store, bounds)
        self._cluster, self._note = cluster, note
        self._slots = cluster.slots()
        self._gpu_s = 0.0
        self._waiting: dict[str, _Waiting] = {}
        self._on_step: dict[str, OnStep] = {}
        self._closed = threading.Event()
        from agent.study.cluster.worker import STEPS

        cluster.client.subscribe_topic(STEPS, self._advanced)
        self._counting = threading.Thread(target=self._count, name="workers", daemon=True)
        self._counting.start()

    @property
    def jobs(self) -> int:
        return max(1, sum(self._slots))

    @property
    def gpu_s(self) -> float:
        return self._gpu_s

    def close(self) -> None:
        self._closed.set()
        self._counting.join()
        # a lost scheduler has cancelled them; without force, what another coordinator wants goes on
        if self._cluster.client.status == "running":
            self._cluster.client.cancel([one.asked for one in list(self._waiting.values())])

    def _computer(self, device: str) -> str:
        return self._cluster.machine.hardware(device)

    def least_sandbox(self, optimizer_device: str) -> Level:
        if optimizer_device == CPU:
            return self._bounds.min_sandbox or self._cluster.machine.sandbox
        return super().least_sandbox(optimizer_device)

    def _begin(self, key: str, task: Task) -> Future[Evaluation]:
        waiting = _Waiting(f"autoresearch-{key or uuid4().hex}", replace(task, on_step=None))
        if task.on_step:
            self._on_step[waiting.key] = task.on_step
        self._ask(waiting)
        return waiting.computed

    def _ask(self, waiting: _Waiting) -> None:
        from agent.study.cluster.worker import measured

        task = waiting.task
        waiting.asked = self._cluster.client.submit(
            measured,
            task,
            get_track(task.instance.track).source,
            key=waiting.key,
            resources={self._cluster.machine.tag: waiting.slots or 1},
            retries=RETRIES,
        )
        self._waiting[waiting.key] = waiting
        waiting.asked.add_done_callback(partial(self._answered, waiting))

    def _ask_alone(self, waiting: _Waiting, slots: int) -> None:
        again = replace(waiting, slots=slots)
        if on_step := self._on_step.pop(waiting.key, None):
            self._on_step[again.key] = on_step
        self._ask(again)

    def _answered(self, waiting: _Waiting, asked: "Asked[Evaluation]") -> None:
        """Dask calls it in a thread of its own."""
        from distributed import KilledWorker

        if self._waiting.pop(waiting.key, None) is None:
            return  # it was asked for again
        try:
            evaluation = asked.result()
        except KilledWorker as error:
            lost = error.allowed_failures + 1
            if not waiting.slots and (slots := max(self._slots, default=1)) > 1:
                self._ask_alone(waiting, slots)
                return
            evaluation = _crash(waiting.task, lost)
        except BaseException as error:
            self._on_step.pop(waiting.key, None)
            waiting.computed.set_exception(self._reason(error))
            return
        self._on_step.pop(waiting.key, None)
        if is_cuda(waiting.task.device):
            self._gpu_s += evaluation.duration_s
        waiting.computed.set_result(evaluation)

    def _reason(self, error: BaseException) -> BaseException:
        from distributed import CancelledError

        if self._closed.is_set():
            return EvaluationInterrupted()
        if not isinstance(error, CancelledError):
            return error
        where = self._cluster.address.text
        return MachineError(
            f"the connection to scheduler {where} is lost; what is finished is kept"
        )

    def _advanced(self, event: tuple[float, dict[str, Any]]) -> None:
        report = event[1]
        if on_step := self._on_step.get(str(report["key"])):
            on_step(int(report["step"]))

    def _count(self) -> None:
        """Follow the workers that come and go."""
        while not self._closed.wait(CHECK_S):
            before = sum(self._slots)
            # a scheduler that is lost, or too busy to answer, is for the futures to say
            with suppress(OSError, RuntimeError, AttributeError):
                self._slots = self._cluster.slots()
            if (now := sum(self._slots)) != before:
                waits = "" if now else ": waiting for a worker"
                self._note(f"the workers compute {now} evaluations at once now{waits}")
            self._fit(max(self._slots, default=0))

    def _fit(self, largest: int) -> None:
        """Ask again for what waits for a larger worker than there is now."""
        for waiting in list(self._waiting.values()):
            if not 0 < largest < waiting.slots:
                continue
            # `_answered` may have taken it out meanwhile
            if self._waiting.pop(waiting.key, None):
                self._ask_alone(waiting, largest)
                self._cluster.client.cancel([waiting.asked])


def _crash(task: Task, lost: int) -> Evaluation:
    reason = f"workers that were lost while they ran it: {lost}, one after another"
    return Evaluation(task.instance, State.CRASH, task.procedure, reason)
