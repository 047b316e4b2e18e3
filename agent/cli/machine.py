"""Options of every verb that measures, and the executor and the view that it works with."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Self, cast

from agent.cli import inputs, output
from agent.cli.interrupt import ending_with, interruptible
from agent.cli.options import FULL, option, seconds
from agent.study.cores import cores
from agent.study.errors import UserError
from tracks import device as devices
from tracks.base import Track
from tracks.isolation.levels import Level
from tracks.isolation.sandbox import levels_for, probe

if TYPE_CHECKING:
    from agent.study.bounds import Bounds
    from agent.study.executor import Executor
    from agent.study.progress import View
    from tracks.isolation.launcher import Launcher

MEMORY_MB = 2048
CONTINUES = "interrupted; the same command continues from the evaluations that are kept"
CONTINUES_WITH_KEY = CONTINUES.replace("command", "command with --key {}")
"""Of a verb that draws instances: without the key, the same command would draw others."""

DeviceName = Literal["auto", "cpu", "cuda", "mps"]
DEVICE = "auto chooses the faster one for the track."


@dataclass(frozen=True)
class Limits:
    """What one evaluation may use, as asked for on the command line."""

    heading: ClassVar[str] = "Machine"
    timeout: float | None = option(
        "Time limit of a run, such as 90s or 30m [default: from adamw's time].",
        parser=seconds,
        metavar="TIME",
    )
    memory_mb: int = option(
        "Memory that an optimizer may allocate, in MiB.", default=MEMORY_MB, min=64
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


@dataclass(frozen=True)
class AnyMachine(CpuMachine):
    """Of a verb whose evaluations run in parallel, on the faster device unless one is asked for."""

    device: DeviceName = option(DEVICE, default="auto")


@contextmanager
def measuring(
    asked: CpuMachine,
    *,
    launcher: "Launcher | None" = None,
    evaluations: Path | None = None,
    interrupted: str = CONTINUES,
) -> Iterator[tuple["Executor", "View"]]:
    """An executor and the view that fits; Ctrl-C ends the verb with the line `interrupted`.

    `evaluations` is the folder where they are kept, that of the workspace by default.
    """
    with nullcontext(launcher) if launcher else asked.launcher() as zygotes:
        # importing torch takes seconds, in which the launcher's zygote imports it as well
        from agent.report.views import open_view
        from agent.study.evaluation_store import EvaluationStore
        from agent.study.local_executor import LocalExecutor

        jobs, spread = asked.jobs or cores(), [str(asked.device)]
        if devices.is_cuda(asked.device):
            from agent.study.device_choice import default_jobs, spread_over

            jobs, spread = asked.jobs or default_jobs(asked.device), spread_over(asked.device)
        store = EvaluationStore(evaluations) if evaluations else inputs.evaluation_store()
        with (
            ending_with(interrupted),
            LocalExecutor(zygotes, jobs, store, asked.bounds(), spread) as executor,
            open_view(output.console(stderr=True)) as view,
            interruptible(),
        ):
            _, least = levels_for(devices.kind(asked.device), asked.min_sandbox)
            if least != Level.FULL:
                view.note(
                    f"warning: submissions that step on {asked.device} run in a sandbox of level "
                    f"{least}, and could read files or cheat; `autoresearch doctor` shows the cure"
                )
            yield executor, view
