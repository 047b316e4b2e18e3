"""`autoresearch significance aa`: does the verdict refuse equals, and which effects can it find?"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from agent.cli import inputs, output
from agent.cli.machine import AnyMachine, measuring
from agent.cli.options import Json, Task, finite, option

if TYPE_CHECKING:
    from agent.verdict.aa_test import AATest

FALSE_POSITIVE = 1


def _positive(values: list[float]) -> list[float]:
    for value in values:
        finite(value)
        if value <= 0:
            raise typer.BadParameter(f"{value:g}: expected a positive number")
    return values


@dataclass(frozen=True)
class Equals(Task):
    """A submission to compare with itself, and how often."""

    submission: Path | None = option("Submission to test [default: the best published one].")
    replicates: int = option("Equally good challengers.", default=4, min=1)
    seeds: int = option("Number of held-out instances that measure the noise.", default=8, min=3)
    effect: list[float] = option(
        "Effect, in steps, log10 of the loss or the metric, to compute a sample size for; "
        "repeatable.",
        default=list,
        callback=_positive,
    )
    seed: int = option("Seed of all random choices.", default=0, min=0)

    def measured(self, asked: AnyMachine) -> "AATest":
        """The A/A test on this machine."""
        given = inputs.read_candidate(self.submission) if self.submission else None
        with measuring(asked) as (executor, view):
            from agent.knowledge.leaderboard import incumbent
            from agent.study.settings import Settings
            from agent.verdict.aa_test import aa_test
            from agent.verdict.comparison import Bench
            from agent.verdict.comparison_keys import SeededKeys
            from agent.verdict.simulation import MOST

            track, aim, scale = self.track.name, self.aim, self.scale
            best = incumbent(inputs.workspace(), track, aim, scale)
            settings = Settings(track, aim, 0, self.seed, MOST, scale, device=asked.device)
            return aa_test(
                Bench(settings, executor, view),
                SeededKeys(f"selftest/{self.seed}"),
                (given.name, given) if given else best,
                replicates=self.replicates,
                instances=self.seeds,
                effects=self.effect,
            )


def aa(task: Equals, machine: AnyMachine, as_json: Json = False) -> None:
    """A/A test: equal challengers through the verdict, and its noise.

    Copies differ in their name alone; replicates have their gradients jittered by a hundredth, so
    that they are equally good without equal results. None may be accepted: the exit status is 1 if
    one was. The noise gives the false-positive rate and the sample size that an effect needs.

    \b
    Examples:
      autoresearch significance aa --track mqar --effect 5 --effect 20
      autoresearch significance aa --track random_teacher --replicates 2 --seeds 4
    """
    found = task.measured(machine.on(task.track, task.scale))
    from agent.report.sections.aa_test import aa_section

    output.show_section(as_json, asdict(found), aa_section(found))
    if found.kept:
        raise typer.Exit(FALSE_POSITIVE)
