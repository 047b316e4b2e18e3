"""Evaluations on this machine: a pool of threads, one for the processes of each evaluation."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from agent.study.bounds import Bounds
from agent.study.evaluation_store import EvaluationStore
from agent.study.executor import Executor
from agent.study.measurer import Measurer
from agent.study.task import Task
from tracks.device import CPU
from tracks.evaluation import Evaluation
from tracks.isolation.launcher import Launcher

NO_BOUNDS = Bounds()


class LocalExecutor(Executor):
    """Evaluations are spread over `devices`, which are of one kind, so that results compare."""

    def __init__(
        self,
        launcher: Launcher,
        jobs: int,
        store: EvaluationStore | None,
        bounds: Bounds = NO_BOUNDS,
        devices: Sequence[str] = (CPU,),
    ) -> None:
        super().__init__(devices[0], store, bounds)
        self._jobs = jobs
        self.measurer = Measurer(launcher, devices)
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="evaluation")

    @property
    def jobs(self) -> int:
        return self._jobs

    @property
    def gpu_s(self) -> float:
        return self.measurer.devices.gpu_s

    def close(self) -> None:
        self.measurer.close()
        self._threads.shutdown(cancel_futures=True)

    def _begin(self, key: str, task: Task) -> Future[Evaluation]:
        return self._threads.submit(self.measurer.evaluate, task)
