"""Options of every verb that measures, and the executor and the view that it works with."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal

from agent.cli import output
from agent.cli.interrupt import heard, saying
from agent.cli.options import FULL, option, seconds
from agent.study.cores import cores
from agent.study.errors import UserError
from tracks import device as devices
from tracks.base import Track
from tracks.isolation.launcher import Launcher
from tracks.isolation.levels import Level
from tracks.isolation.sandbox import levels_for, probe

if TYPE_CHECKING:
    from agent.study.evaluation_store import EvaluationStore
    from agent.study.executor import Executor
    from agent.study.progress import View

MEMORY_MB = 2048
CONTINUES = "interrupted; the same command continues from the evaluations that are kept"

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

    def machine(
        self, track: Track | None = None, scale: str = FULL, device: str | None = None
    ) -> "Machine":
        """The options, checked, with `device` instead of their own, or one chosen for the track.

        torch is loaded only where that needs it. Raises UserError.
        """
        self._require_sandbox()
        device = device or self.device
        if device == devices.AUTO and not (track and devices.may_have_gpu()):
            device = devices.CPU
        why = ""
        if device != devices.CPU:
            from agent.study.device_choice import choose

            if device == devices.AUTO:
                print(
                    "choosing the device: timing adamw on the CPU and on the GPU", file=sys.stderr
                )
            chosen = choose(device, track.name if track else "", scale)
            device, why = chosen.device, chosen.reason
        return Machine(1, self.timeout, self.memory_mb, device, self.min_sandbox, why)

    def _require_sandbox(self) -> None:
        if self.min_sandbox is None:
            return
        box = probe()
        if not box.level.holds(self.min_sandbox):
            raise UserError(f"{box.short_of(self.min_sandbox)}; see `autoresearch doctor`")


@dataclass(frozen=True)
class CpuMachine(Limits):
    """Of a verb whose evaluations run in parallel, on the CPU unless a device is asked for."""

    jobs: int | None = option(
        "Parallel evaluations [default: the cores; on a GPU 4 for each].", min=1
    )

    def machine(
        self, track: Track | None = None, scale: str = FULL, device: str | None = None
    ) -> "Machine":
        """As of any verb, with the jobs asked for."""
        return replace(super().machine(track, scale, device), jobs=self.jobs)


@dataclass(frozen=True)
class AnyMachine(CpuMachine):
    """Of a verb whose evaluations run in parallel, on the faster device unless one is asked for."""

    device: DeviceName = option(DEVICE, default="auto")


@dataclass(frozen=True)
class Machine:
    """What an evaluation may use; None is the cores, and a time limit from adamw's time."""

    jobs: int | None = None
    wall_s: float | None = None
    memory_mb: int = MEMORY_MB
    device: str = devices.CPU
    min_sandbox: Level | None = None
    why: str = ""
    """Why that device was chosen, where it was not asked for."""

    def executor(self, launcher: Launcher, store: "EvaluationStore | None") -> "Executor":
        """An executor with these limits, spread over the GPUs there are."""
        from agent.study.executor import Executor

        jobs, spread = self.jobs or cores(), [self.device]
        if devices.is_cuda(self.device):
            from agent.study.device_choice import default_jobs, spread_over

            jobs, spread = self.jobs or default_jobs(self.device), spread_over(self.device)
        return Executor(
            launcher, jobs, store, self.wall_s, self.memory_mb, spread, self.min_sandbox
        )

    def notes(self) -> Iterator[str]:
        """What to say before anything is measured: a weak sandbox, a device that was chosen."""
        _, least = levels_for(devices.kind(self.device), self.min_sandbox)
        if least != Level.FULL:
            yield (
                f"warning: submissions run in a sandbox of level {least} on {self.device}, and "
                "could read files or cheat; `autoresearch doctor` shows the cure"
            )
        if self.why:
            yield f"device {self.device}: {self.why}"


@contextmanager
def measuring(
    launcher: Launcher, store: "EvaluationStore", asked: Machine, *, interrupted: str = CONTINUES
) -> Iterator[tuple["Executor", "View"]]:
    """An executor and the view that fits; Ctrl-C ends the verb with the line `interrupted`."""
    # importing torch takes seconds, in which the launcher's zygote imports it as well
    from agent.report.views import open_view

    with (
        saying(interrupted),
        asked.executor(launcher, store) as executor,
        open_view(output.console(stderr=True)) as view,
        heard(),
    ):
        for note in asked.notes():
            view.note(note)
        yield executor, view
