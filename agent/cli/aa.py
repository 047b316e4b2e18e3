"""`autoresearch significance aa`: does the verdict refuse equals, and which effects can it find?"""

from dataclasses import asdict
from pathlib import Path

import typer

from agent.cli import inputs, output
from agent.cli.machine import AnyMachine, measuring
from agent.cli.options import Json, Seed, Task, finite
from tracks.isolation.launcher import Launcher

FALSE_POSITIVE = 1


def _positive(values: list[float]) -> list[float]:
    for value in values:
        finite(value)
        if value <= 0:
            raise typer.BadParameter(f"{value:g}: expected a positive number")
    return values


def aa(
    task: Task,
    machine: AnyMachine,
    submission: Path | None = typer.Option(
        None, help="Submission to test [default: the best published one]."
    ),
    replicates: int = typer.Option(4, min=1, help="Equally good challengers."),
    seeds: int = typer.Option(
        8, min=3, help="Number of held-out instances that measure the noise."
    ),
    effect: list[float] = typer.Option(
        [],
        callback=_positive,
        help="Effect, in steps or log10 of the loss, to compute a sample size for; repeatable.",
    ),
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """A/A test: equal challengers through the verdict, and its noise.

    Copies differ in their name alone; replicates have their gradients jittered by a hundredth, so
    that they are equally good without equal results. None may be accepted: the exit status is 1 if
    one was. The noise gives the false-positive rate and the sample size that an effect needs.

    \b
    Examples:
      autoresearch significance aa --track mqar --effect 5 --effect 20
      autoresearch significance aa --track random_teacher --replicates 2 --seeds 4
    """
    given = inputs.read_candidate(submission) if submission else None
    asked = machine.on(task.track, task.scale)
    inputs.workspace().writable_runs()
    with Launcher(asked.device) as launcher:
        from agent.knowledge.leaderboard import incumbent
        from agent.study.settings import Settings
        from agent.verdict.aa_test import MOST, aa_test
        from agent.verdict.comparison import Bench
        from agent.verdict.comparison_keys import SeededKeys

        track, aim, scale = task.track.name, task.aim, task.scale
        settings = Settings(track, aim, 0, seed, MOST, scale, device=asked.device)
        with measuring(launcher, inputs.evaluation_store(), asked) as (executor, view):
            found = aa_test(
                Bench(settings, executor, view),
                SeededKeys(f"selftest/{seed}"),
                (given.name, given) if given else incumbent(inputs.workspace(), track, aim, scale),
                replicates=replicates,
                instances=seeds,
                effects=effect,
            )
    if as_json:
        output.print_json(asdict(found))
    else:
        from agent.report.sections.aa_test import aa_section
        from agent.report.terminal import print_sections

        print_sections(output.console(), [aa_section(found)])
    if found.kept:
        raise typer.Exit(FALSE_POSITIVE)
