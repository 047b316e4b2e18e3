"""A Dask worker that measures: what it offers, and the task that a scheduler gives it."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol, cast

from distributed import Scheduler, Worker, get_worker
from distributed.diagnostics.plugin import WorkerPlugin

from agent.study.cluster.connection import EQUIPMENT, Address
from agent.study.cluster.machine import Machine
from agent.study.errors import MachineError, UserError
from agent.study.task import Task
from agent.study.temporary_folder import temporary_folder
from tracks.base import TrackSource
from tracks.evaluation import Evaluation
from tracks.isolation.errors import EvaluationInterrupted
from tracks.registry import require_loaded
from tracks.track_file import TrackError

STEPS = "autoresearch-steps"
"""The topic under which workers report how far an evaluation is."""
REPORT_S = 2.0
"""Between two reports of an evaluation."""
CONNECT_S = 30
RETURN_S, PAUSE_S = 600.0, 2.0
"""How long a worker waits for a scheduler that is gone, and between two attempts."""


class Measures(Protocol):
    """A `Measurer`, or what stands in for it."""

    def evaluate(self, task: Task) -> Evaluation: ...

    def close(self) -> None: ...


class Equipment(WorkerPlugin):
    """Makes a Dask worker one of ours: it offers `slots` evaluations at once."""

    name = EQUIPMENT

    def __init__(self, machine: Machine, measurer: Measures, slots: int) -> None:
        self.machine, self.measurer, self.slots = machine, measurer, slots

    def setup(self, worker: Worker) -> None:
        """Dask calls it before the worker registers with its scheduler."""
        for resources in (worker.state.total_resources, worker.state.available_resources):
            resources[self.machine.tag] = self.slots
        worker.startup_information[EQUIPMENT] = lambda _: asdict(self.machine)


def measured(task: Task, track: TrackSource | None) -> Evaluation:
    """Evaluate a task on the worker that this thread belongs to; `track` is its file, if any.

    Raises TrackError where that file is not the same here.
    """
    worker = get_worker()
    try:
        require_loaded(task.instance.track, track)
    except TrackError as error:
        raise TrackError(f"worker {worker.address}: {error}") from error
    steps = _Steps(worker, str(worker.get_current_task()))
    equipment = cast(Equipment, worker.plugins[EQUIPMENT])
    return equipment.measurer.evaluate(replace(task, on_step=steps))


class _Steps:
    """Reports the steps of an evaluation, and ends it where nobody waits for it any more."""

    def __init__(self, worker: Worker, key: str) -> None:
        self._worker, self._key, self._reported = worker, key, 0.0

    def __call__(self, step: int) -> None:
        known = self._worker.state.tasks.get(self._key)
        if known is None or known.state == "cancelled":
            raise EvaluationInterrupted
        if time.monotonic() >= self._reported + REPORT_S:
            self._reported = time.monotonic()
            self._worker.log_event(STEPS, {"key": self._key, "step": step})


@dataclass(frozen=True)
class Serving:
    """A worker to run: its scheduler, the host that it binds, and whether it is the scheduler too.

    Without `equipment` only the scheduler runs.
    """

    address: Address
    host: str
    equipment: Equipment | None
    with_scheduler: bool
    say: Callable[[str], object]


def serve(serving: Serving) -> None:
    """Work until the process is ended. Raises UserError where no scheduler answers, MachineError
    where it went away and stays away."""
    asyncio.run(_serve(serving))


async def _serve(serving: Serving) -> None:
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(temporary_folder("worker"))
        if serving.with_scheduler:
            await stack.enter_async_context(scheduler_of(serving, folder))
            serving.say(f"scheduler {serving.address.text}")
        if (equipment := serving.equipment) is None:
            await asyncio.Event().wait()
            return
        seen = None
        while True:
            try:
                async with worker_of(serving, folder) as worker:
                    serving.say(f"worker {worker.address} of {serving.address.text}")
                    await _finished(worker, equipment)
            except (OSError, TimeoutError, RuntimeError) as error:
                if seen is None:
                    raise UserError(
                        f"no scheduler answers at {serving.address.text}: start it first, with "
                        "--with-scheduler on one machine, or correct the address"
                    ) from error
                if time.monotonic() > seen + RETURN_S:
                    raise MachineError(f"scheduler {serving.address.text} is gone") from error
            else:
                seen = time.monotonic()
                serving.say("the scheduler is gone; waiting for it")
            await asyncio.sleep(PAUSE_S)


async def _finished(worker: Worker, equipment: Equipment) -> None:
    """Until the scheduler is gone; evaluations that run at an interrupt end at once."""
    try:
        await worker.finished()
    except asyncio.CancelledError:
        equipment.measurer.close()
        raise


def scheduler_of(serving: Serving, folder: Path) -> Scheduler:
    address = serving.address
    return Scheduler(
        host=serving.address.host,
        port=address.port,
        protocol=address.protocol,
        security=address.security(),
        local_directory=str(folder),
        dashboard=False,
        dashboard_address="127.0.0.1:0",
    )


def worker_of(serving: Serving, folder: Path) -> Worker:
    equipment, address = serving.equipment, serving.address
    assert equipment is not None
    return Worker(
        address.text,
        nthreads=equipment.slots,
        host=serving.host,
        protocol=address.protocol,
        security=address.security(),
        plugins=(equipment,),
        local_directory=str(folder),
        memory_limit=0,
        death_timeout=CONNECT_S,
        dashboard=False,
        dashboard_address="127.0.0.1:0",
    )
