"""`autoresearch import`: the submissions of others, measured here."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from agent.cli import inputs, output
from agent.cli.machine import CpuMachine, measuring
from agent.cli.options import FULL, SOURCE, Json, Scale, known_scale, known_track

if TYPE_CHECKING:
    from agent.publish.importer import Row

HEADER = ["file", "name", "track", "result"]


def import_(
    machine: CpuMachine,
    source: str = typer.Argument(..., help=SOURCE),
    track: list[str] = typer.Option(
        ..., "--track", metavar="TRACK", help="Track to measure on, by name or file; repeatable."
    ),
    scale: Scale = FULL,
    prefix: str = typer.Option("", help="Put before the name of each."),
    as_json: Json = False,
) -> None:
    """Measure the submissions of others for the leaderboard.

    Every Python file that defines Submission, and every training script or log into which `export`
    has put one, is checked, measured on the official instance with the exact trainer, and copied
    into submissions/ with its result. A file that breaks a rule or fails is listed with the reason,
    and left out. An imported submission is an incumbent only once `run --submission` has confirmed
    it.

    \b
    Examples:
      autoresearch import ../caffeine/submissions --track random_teacher
      autoresearch import https://example.org/fork.git --track mqar --prefix fork-
    """
    tracks = [known_track(given) for given in track]
    for one in tracks:
        known_scale(scale, one)
    asked = machine.on()
    found = _measured(source, prefix, [one.name for one in tracks], scale, asked)
    rows = [[row.file, row.name or "-", row.track or "-", row.result] for row in found]
    content = {"source": source, "found": [asdict(row) for row in found]}
    output.show(as_json, content, f"From {source}", HEADER, rows)


def _measured(
    source: str, prefix: str, tracks: list[str], scale: str, asked: CpuMachine
) -> "list[Row]":
    from agent.knowledge.survey.foreign import fetched

    with measuring(asked) as (executor, view), fetched(source) as (folder, origin):
        from agent.publish.importer import Source, import_all

        given = Source(folder, origin, prefix)
        return import_all(inputs.workspace(), executor, view, given, tracks, scale)
