"""`autoresearch selftest`: does the verdict keep what is not better, and what can it see?"""

from pathlib import Path

import typer

from agent.cli import common
from agent.cli.machine import (
    MEMORY_MB,
    Device,
    Jobs,
    MemoryMb,
    MinSandbox,
    TrialTimeout,
    machine,
    measuring,
)
from agent.study.errors import UserError
from tracks.isolation.launcher import Launcher


def selftest(
    track: str = typer.Option(..., "--track", help="Track; see `autoresearch tracks`."),
    submission: Path = typer.Option(None, help="What is compared with itself [default: the best]."),
    twins: int = typer.Option(4, min=1, help="Equally good challengers."),
    instances: int = typer.Option(8, min=3, help="Fresh instances to measure the noise on."),
    effect: list[float] = typer.Option(
        [], help="How many seeds would this effect need, in steps or log10 of the loss? Repeatable."
    ),
    objective: str = typer.Option(None, help="final or steps [default: the track's]."),
    scale: str = typer.Option("full", help="Size of a run."),
    seed: int = typer.Option(0, min=0, help="Seed of the fresh instances."),
    jobs: Jobs = None,
    trial_timeout: TrialTimeout = None,
    memory_mb: MemoryMb = MEMORY_MB,
    min_sandbox: MinSandbox = None,
    device: Device = "auto",
    as_json: bool = typer.Option(False, "--json", help="Print everything measured as JSON."),
) -> None:
    """Put an optimizer against itself through the real verdict, and measure the noise.

    Copies differ in their name alone; twins have their gradients jittered by a hundredth, so that
    they are as good without being equal. None may be promoted. Exit status 1 if one was.

    \b
    Examples:
      autoresearch selftest --track mqar --effect 5 --effect 20
      autoresearch selftest --track random_teacher --twins 2 --instances 4
    """
    for each in effect:
        common.finite("--effect", each)
        if each <= 0:
            raise UserError(f"--effect {each:g}: expected a positive number")
    asked = machine(jobs, trial_timeout, memory_mb, device, track, scale, min_sandbox)
    workspace = common.workspace()
    workspace.writable_runs()
    with Launcher(asked.device) as launcher:
        from agent.knowledge.leaderboard import incumbent
        from agent.report import aa_test as report
        from agent.report.terminal_table import print_table
        from agent.study.schema_version import SCHEMA_VERSION
        from agent.study.settings import Settings
        from agent.verdict.aa_test import MOST
        from agent.verdict.aa_test import selftest as run_selftest
        from agent.verdict.comparison_keys import SeededKeys

        known = common.known_track(track)
        aim = common.known_objective(objective, known)
        settings = Settings(
            track=track,
            objective=aim,
            budget=0,
            seed=seed,
            seeds=MOST,
            scale=common.known_scale(scale, known),
            device=asked.device,
        )
        if submission:
            candidate = common.read_candidate(submission)
            original = (candidate.name, candidate)
        else:
            original = incumbent(workspace, track, aim, settings.scale)
        with measuring(launcher, common.evaluation_store(), asked) as (executor, view):
            data = run_selftest(
                settings,
                SeededKeys(f"selftest/{seed}"),
                executor,
                view,
                original,
                twins=twins,
                instances=instances,
                effects=effect,
            )
    if as_json:
        common.print_json({"schema_version": SCHEMA_VERSION, **data})
    else:
        for line in report.lines(data):
            common.say(line)
        print_table(common.console(), "", report.HEADER, report.rows(data))
    if data["kept"]:
        raise typer.Exit(1)
