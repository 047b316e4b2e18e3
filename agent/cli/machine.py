"""Options of every verb that measures, and the executor and the view that it works with."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import common
from agent.cli.interrupt import heard, saying
from agent.study.cores import cores
from agent.study.errors import UserError
from tracks import device as devices
from tracks.isolation.launcher import Launcher
from tracks.isolation.levels import Level
from tracks.isolation.sandbox import levels_for, probe

if TYPE_CHECKING:
    from agent.study.evaluation_store import EvaluationStore
    from agent.study.executor import Executor
    from agent.study.progress import View

Jobs = Annotated[
    int | None,
    typer.Option(min=1, help="Parallel evaluations [default: the cores; on a GPU 4 for each]."),
]
TrialTimeout = Annotated[
    str | None,
    typer.Option(help="Fixed time limit of a run, such as 90s [default: by adamw's time]."),
]
MemoryMb = Annotated[int, typer.Option(min=64, help="Memory an optimizer may allocate, MiB.")]
Device = Annotated[str, typer.Option(help="auto (the faster one for the track), cpu, cuda or mps.")]

MinSandbox = Annotated[
    str | None,
    typer.Option(help="Refuse a weaker sandbox: full, seccomp, landlock, rlimits [default: best]."),
]

MEMORY_MB = 2048
GOES_ON = "interrupted; the same command goes on from what was measured"


@dataclass(frozen=True)
class Machine:
    """What an evaluation may use; None is the cores and the track's own time limit."""

    jobs: int | None = None
    wall_s: float | None = None
    memory_mb: int = MEMORY_MB
    device: str = devices.CPU
    min_sandbox: Level | None = None
    why: str = ""
    """Why that device was chosen, where it was not asked for."""


def machine(
    jobs: int | None,
    trial_timeout: str | None,
    memory_mb: int,
    device: str,
    track: str | None = None,
    scale: str | None = None,
    min_sandbox: str | None = None,
) -> Machine:
    """The options, checked, with the device chosen; torch is loaded only where that needs it."""
    wall_s = common.seconds(trial_timeout)
    least = _sandbox(min_sandbox)
    if device not in devices.NAMES:
        raise UserError(f"device {device!r}: expected {', '.join(devices.NAMES)}")
    if device == devices.AUTO and not (track and devices.may_have_gpu()):
        device = devices.CPU
    if device == devices.CPU:
        return Machine(jobs, wall_s, memory_mb, min_sandbox=least)
    from agent.study.device_choice import choose

    if device == devices.AUTO:
        known = common.known_track(track or "")
        common.known_scale(scale or "full", known)
        print("choosing the device: timing adamw on the CPU and on the GPU", file=sys.stderr)
    chosen = choose(device, track or "", scale or "full")
    return Machine(jobs, wall_s, memory_mb, chosen.device, least, chosen.reason)


def _sandbox(name: str | None) -> Level | None:
    """The level that was asked for, if this machine has it."""
    if name is None:
        return None
    if name not in list(Level):
        raise UserError(f"--min-sandbox {name!r}: expected {', '.join(Level)}")
    box = probe()
    if not box.level.holds(Level(name)):
        raise UserError(f"{box.short_of(name)}; `autoresearch doctor` tells more")
    return Level(name)


def _weak_sandbox(asked: Machine) -> str:
    """What to say where submissions are not fully shut in; empty otherwise."""
    _, least = levels_for(devices.kind(asked.device), asked.min_sandbox)
    if least == Level.FULL:
        return ""
    return (
        f"warning: submissions run in a sandbox of level {least} on {asked.device}, and could read "
        "files or cheat; `autoresearch doctor` tells the cure"
    )


@contextmanager
def measuring(
    launcher: Launcher, store: "EvaluationStore", asked: Machine, *, interrupted: str = GOES_ON
) -> Iterator[tuple["Executor", "View"]]:
    """An executor and the view that fits; Ctrl-C ends the verb with the line `interrupted`."""
    # importing torch takes seconds, which the launcher's zygote uses to do the same
    from agent.report.views import open_view
    from agent.study.executor import Executor

    jobs, spread = asked.jobs or cores(), [asked.device]
    if devices.is_cuda(asked.device):
        from agent.study.device_choice import default_jobs, spread_over

        jobs, spread = asked.jobs or default_jobs(asked.device), spread_over(asked.device)
    with (
        saying(interrupted),
        Executor(
            launcher, jobs, store, asked.wall_s, asked.memory_mb, spread, asked.min_sandbox
        ) as executor,
        open_view(common.console(stderr=True)) as view,
        heard(),
    ):
        if weak := _weak_sandbox(asked):
            view.note(weak)
        if asked.why:
            view.note(f"device {asked.device}: {asked.why}")
        yield executor, view
