"""Options of every verb that measures, and the executor and the view that it works with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import common
from agent.cli.interrupt import heard
from tracks.launcher import Launcher

if TYPE_CHECKING:
    from agent.evaluation_store import EvaluationStore
    from agent.executor import Executor
    from agent.progress import View

Jobs = Annotated[int | None, typer.Option(min=1, help="Parallel evaluations [default: the cores].")]
TrialTimeout = Annotated[
    str | None,
    typer.Option(help="Fixed time limit of a run, such as 90s [default: by adamw's time]."),
]
MemoryMb = Annotated[int, typer.Option(min=64, help="Memory an optimizer may allocate, MiB.")]
Device = Annotated[str, typer.Option(help="cpu, cuda or mps.")]

MEMORY_MB = 2048
GOES_ON = "interrupted; the same command goes on from what was measured"


@dataclass(frozen=True)
class Machine:
    """What an evaluation may use; None is the cores and the track's own time limit."""

    jobs: int | None = None
    wall_s: float | None = None
    memory_mb: int = MEMORY_MB
    device: str = "cpu"


def machine(jobs: int | None, trial_timeout: str | None, memory_mb: int, device: str) -> Machine:
    """The options as they were given, checked where that needs no torch."""
    return Machine(jobs, common.seconds(trial_timeout), memory_mb, device)


@contextmanager
def measuring(
    launcher: Launcher, store: "EvaluationStore", asked: Machine, *, interrupted: str = GOES_ON
) -> Iterator[tuple["Executor", "View"]]:
    """An executor and the view that fits; Ctrl-C ends the verb with the line `interrupted`."""
    # importing torch takes seconds, which the launcher's zygote uses to do the same
    from agent.executor import Executor
    from agent.report.views import open_view

    device = common.known_device(asked.device)
    jobs = asked.jobs or common.cores()
    try:
        with (
            Executor(launcher, jobs, store, asked.wall_s, asked.memory_mb, device) as executor,
            open_view(common.console(stderr=True)) as view,
            heard(),
        ):
            yield executor, view
    except KeyboardInterrupt as error:
        raise common.Interrupted(interrupted) from error
