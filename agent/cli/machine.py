"""Options of every verb that measures, and the executor and the view that it works with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Self, cast

from agent.cli import inputs, output
from agent.cli.interrupt import ending_with, interruptible
from agent.cli.options import FULL, option, require_text, run_seconds
from agent.study.cores import cores
from agent.study.errors import UserError
from tracks import device as devices
from tracks.base import Track
from tracks.isolation.levels import Level
from tracks.isolation.sandbox import probe

if TYPE_CHECKING:
    from agent.study.bounds import Bounds
    from agent.study.cluster.connection import Cluster
    from agent.study.evaluation_store import EvaluationStore
    from agent.study.executor import Executor
    from agent.study.progress import View
    from tracks.isolation.launcher import Launcher

MEMORY_MB = 2048
MOST_MEMORY_MB = 2**40
"""The system counts bytes in 63 bits."""
CONTINUES = "interrupted; the same command continues from the evaluations that are kept"
CONTINUES_WITH_KEY = CONTINUES.replace("command", "command with --key {}")
"""Of a verb that draws instances: without the key, the same command would draw others."""

DeviceName = Literal["auto", "cpu", "cuda", "mps"]
DEVICE = "auto chooses the faster one for the track."
TLS = "Folder with ca.pem, cert.pem and key.pem, for tls:// [default: Dask's own settings]."


@dataclass(frozen=True)
class Limits:
    """What one evaluation may use, as asked for on the command line."""

    heading: ClassVar[str] = "Machine"
    timeout: float | None = option(
        "Time limit of a run, such as 90s or 30m [default: from adamw's time].",
        parser=run_seconds,
        metavar="TIME",
    )
    memory_mb: int = option(
        "Memory that an optimizer may allocate, in MiB.",
        default=MEMORY_MB,
        min=64,
        max=MOST_MEMORY_MB,
    )
    min_sandbox: Level | None = option(
        "Refuse a weaker sandbox: full, seccomp, landlock, rlimits or none.", metavar="LEVEL"
    )
    device: DeviceName = option(DEVICE, default="cpu")

    def on(self, track: Track | None = None, scale: str = FULL, device: str | None = None) -> Self:
        """These limits on a device: the one given, else their own, or one chosen for the track.

        torch is loaded only where that needs it. Raises UserError.
        """
        if self.min_sandbox and not (box := probe()).level.holds(self.min_sandbox):
            raise UserError(f"{box.short_of(self.min_sandbox)}; see `autoresearch doctor`")
        device = device or self.device
        if device == devices.AUTO and not (track and devices.may_have_gpu()):
            device = devices.CPU
        if device != devices.CPU:
            from agent.study.device_choice import choose

            if device == devices.AUTO:
                output.say("choosing the device: timing adamw on CPU and GPU", stderr=True)
            chosen = choose(device, track.name if track else "", scale)
            device = chosen.device
            if chosen.reason:
                output.say(f"device {device}: {chosen.reason}", stderr=True)
        return replace(self, device=cast(DeviceName, device))

    def launcher(self) -> "Launcher":
        """Of the processes that evaluate on this device; its zygote begins to import torch."""
        # with pydantic, which takes a tenth of a second
        from tracks.isolation.launcher import Launcher

        return Launcher(self.device)

    def bounds(self) -> "Bounds":
        """The same for an executor."""
        from agent.study.bounds import Bounds

        return Bounds(self.timeout, self.memory_mb, self.min_sandbox)


@dataclass(frozen=True)
class CpuMachine(Limits):
    """Of a verb whose evaluations run in parallel, on the CPU unless a device is asked for."""

    jobs: int | None = option(
        "Parallel evaluations [default: the cores; on a GPU up to 8 for each].", min=1
    )
    executor: Literal["local", "dask"] | None = option(
        "Where evaluations run: local, or dask: on workers [default: dask with --scheduler]."
    )
    scheduler: str | None = option(
        "Scheduler of the workers: tcp://HOST:PORT or tls://HOST:PORT.", metavar="ADDRESS"
    )
    tls: Path | None = option(TLS, metavar="FOLDER", resolve_path=True)

    def __post_init__(self) -> None:
        require_text("--scheduler", self.scheduler, "tcp://HOST:PORT or tls://HOST:PORT")
        if self.scheduler is None and (self.executor == "dask" or self.tls):
            raise UserError("--executor dask needs --scheduler tcp://HOST:PORT")
        if self.scheduler and self.executor == "local":
            raise UserError("--scheduler is for --executor dask; leave one of them out")
        if self.scheduler and self.jobs:
            raise UserError("--jobs is for this machine; each worker has its own --jobs")

    def on(self, track: Track | None = None, scale: str = FULL, device: str | None = None) -> Self:
        """The same; with a scheduler its workers say which devices and which sandbox there are."""
        if not self.scheduler:
            return super().on(track, scale, device)
        with self._cluster() as cluster:
            has, asked = cluster.machine, device or self.device
        device = has.device if asked == devices.AUTO else asked
        if device not in (devices.CPU, has.device):
            raise UserError(f"--device {device}: the workers of {self.scheduler} have {has.device}")
        if self.min_sandbox and not has.sandbox.holds(self.min_sandbox):
            reached = f"the sandbox of the workers of {self.scheduler} reaches only {has.sandbox}"
            raise UserError(f"{reached}, not {self.min_sandbox}; see `autoresearch doctor` there")
        return replace(self, device=cast(DeviceName, device))

    def opened(self) -> "Launcher | Cluster":
        """What evaluates: processes of this machine, or the workers of a scheduler."""
        return self._cluster() if self.scheduler else self.launcher()

    def executor_on(
        self, opened: "Launcher | Cluster", store: "EvaluationStore", note: Callable[[str], object]
    ) -> "Executor":
        """An executor of what was opened; `note` gets a line when workers come and go."""
        if self.scheduler:
            from agent.study.cluster.connection import Cluster
            from agent.study.cluster.executor import DaskExecutor

            assert isinstance(opened, Cluster)
            return DaskExecutor(opened, store, self.bounds(), self.device, note)
        from agent.study.local_executor import LocalExecutor

        jobs, spread = self.jobs or cores(), [str(self.device)]
        if devices.is_cuda(self.device):
            from agent.study.device_choice import default_jobs, spread_over

            jobs, spread = self.jobs or default_jobs(self.device), spread_over(self.device)
        return LocalExecutor(cast("Launcher", opened), jobs, store, self.bounds(), spread)

    def _cluster(self) -> "Cluster":
        from agent.study.cluster.connection import Address, Cluster

        assert self.scheduler is not None
        return Cluster(Address(self.scheduler, self.tls), partial(output.say, stderr=True))


@dataclass(frozen=True)
class AnyMachine(CpuMachine):
    """Of a verb whose evaluations run in parallel, on the faster device unless one is asked for."""

    device: DeviceName = option(DEVICE, default="auto")


@contextmanager
def measuring(
    asked: CpuMachine,
    *,
    opened: "Launcher | Cluster | None" = None,
    evaluations: Path | None = None,
    interrupted: str = CONTINUES,
) -> Iterator[tuple["Executor", "View"]]:
    """An executor and the view that fits; Ctrl-C ends the verb with the line `interrupted`.

    `evaluations` is the folder where they are kept, that of the workspace by default.
    """
    with nullcontext(opened) if opened else asked.opened() as machines:
        # importing torch takes seconds, in which a launcher's zygote imports it as well
        from agent.report.views import open_view
        from agent.study.evaluation_store import EvaluationStore

        store = EvaluationStore(evaluations) if evaluations else inputs.evaluation_store()
        with (
            ending_with(interrupted),
            open_view(output.console(stderr=True)) as view,
            asked.executor_on(machines, store, view.note) as executor,
            interruptible(),
        ):
            least = executor.least_sandbox(devices.kind(asked.device))
            if least != Level.FULL:
                view.note(
                    f"warning: submissions that step on {asked.device} run in a sandbox of level "
                    f"{least}, and could read files or cheat; `autoresearch doctor` shows the cure"
                )
            yield executor, view
