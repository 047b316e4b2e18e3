"""`autoresearch import`: the submissions of others, measured here."""

from dataclasses import asdict

import typer

from agent.cli import inputs, output
from agent.cli.machine import CpuMachine, measuring
from agent.cli.options import FULL, Json, Scale, known_scale, known_track


def import_(
    machine: CpuMachine,
    source: str = typer.Argument(
        ..., help="A folder, or the https, ssh or file URL of a git repository."
    ),
    track: list[str] = typer.Option(
        ..., "--track", metavar="NAME", help="Track to measure on; repeatable."
    ),
    scale: Scale = FULL,
    prefix: str = typer.Option("", help="Put before the name of each."),
    as_json: Json = False,
) -> None:
    """Measure the submissions of others for the leaderboard.

    Every file named submission.py, and every other Python file that defines Submission, is checked,
    measured on the official instance with the exact trainer, and copied into submissions/ with its
    result. A file that breaks a rule or fails is listed with the reason, and left out. An imported
    submission is an incumbent only once `run --submission` has confirmed it.

    \b
    Examples:
      autoresearch import ../caffeine/submissions --track random_teacher
      autoresearch import https://example.org/fork.git --track mqar --prefix fork-
    """
    for name in track:
        known_scale(scale, known_track(name))
    asked = machine.on()
    workspace = inputs.workspace()
    workspace.writable_runs()
    from agent.knowledge.survey.foreign import fetched

    with asked.launcher() as launcher, fetched(source) as (folder, origin):
        from agent.publish.importer import Source, import_all

        with measuring(launcher, inputs.evaluation_store(), asked) as (executor, view):
            given = Source(folder, origin, prefix)
            found = import_all(workspace, executor, view, given, track, scale)
    rows = [[row.file, row.name or "-", row.track or "-", row.result] for row in found]
    header = ["file", "name", "track", "result"]
    output.show(
        as_json,
        {"source": source, "found": [asdict(row) for row in found]},
        f"From {source}",
        header,
        rows,
    )
