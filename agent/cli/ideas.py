"""`autoresearch ideas`: the commentary on a track, and what to try next."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli import inputs, output
from agent.cli.options import Json, Markdown, Task, files_of, finite
from agent.cli.renewed import Renewed
from agent.study.errors import UserError
from tracks.registry import file_digest

if TYPE_CHECKING:
    from agent.knowledge.ideas import Ideas
    from agent.report.section import Document

SHORTEST = 0.05
"""Minutes between two readings of the ledger, at least."""
Pause = Annotated[
    float | None,
    typer.Option(
        min=SHORTEST,
        callback=finite,
        metavar="MINUTES",
        help="Renew them after each of these pauses, until Ctrl-C.",
    ),
]


def ideas(
    task: Task,
    top: int = typer.Option(10, min=1, help="Rows of each table."),
    watch: Pause = None,
    markdown: Markdown = None,
    html: Path | None = typer.Option(
        None, help="Write it to this file as one self-contained page too."
    ),
    as_json: Json = False,
) -> None:
    """Show standings, what to try next, and what does not work.

    Every study of the track in this workspace counts, also one that runs, and every submission
    with an official result. With --watch what has not changed is neither shown nor written again;
    each change of the files is kept as a diff with its date, in the folder FILE.changes.

    \b
    Examples:
      autoresearch ideas --track mqar
      autoresearch ideas --track mqar --html ideas.html --markdown ideas.md --watch 10
    """
    if watch is not None and as_json:
        raise UserError("--watch and --json exclude each other: --json prints one object")
    output.require_outputs({"--markdown": markdown, "--html": html}, files_of(task.track))
    files = Renewed(markdown, html, keep_changes=watch is not None)
    before: object = None
    while True:
        data = gathered(task, top)
        if data != before:
            _show(data, top, as_json, files, clear=watch is not None)
        if watch is None:
            return
        before = data
        time.sleep(60 * watch)


def gathered(task: Task, top: int) -> "Ideas":
    """From every study and submission of the track in this workspace; `top` rows of each kind."""
    from agent.knowledge.ideas import Asked
    from agent.knowledge.ideas import ideas as gather
    from agent.knowledge.published import published
    from agent.knowledge.techniques import Techniques

    workspace = inputs.workspace()
    studies = inputs.open_ledger(read_only=True).all()
    asked = Asked(task.track, task.aim, task.scale, file_digest(task.track.name))
    found = published(workspace, task.track.name, task.aim, task.scale)
    return gather(studies, asked, top, Techniques(workspace.runs).all(), found)


def _show(data: "Ideas", top: int, as_json: bool, files: Renewed, *, clear: bool) -> None:
    from agent.report.sections.ideas import ideas_document

    document = ideas_document(data, top)
    if as_json:
        output.print_json(data.to_json())
    else:
        _print(document, clear=clear)
    if kept := files.renew(document):
        output.say(f"changed: {kept}", stderr=True)


def _print(document: "Document", *, clear: bool) -> None:
    from agent.report.terminal import print_document

    console = output.console()
    if clear and console.is_terminal and not console.is_dumb_terminal:
        console.clear()
    print_document(console, document)
