"""`autoresearch ideas`: the standings of a track, and what to try next."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from agent.cli import inputs, output
from agent.cli.options import Json, Markdown, Task, seconds
from agent.study.errors import UserError

if TYPE_CHECKING:
    from agent.knowledge.ideas import Ideas


def ideas(
    task: Task,
    top: int = typer.Option(10, min=1, help="Rows of each table."),
    watch: bool = typer.Option(
        False, "--watch", help="Show them again whenever the ledger changes."
    ),
    every: float = typer.Option(
        "5s", parser=seconds, metavar="TIME", help="How often --watch reads it."
    ),
    markdown: Markdown = None,
    as_json: Json = False,
) -> None:
    """Show standings, untried combinations and what does not work.

    Every study of the track in this workspace counts, also one that runs.

    \b
    Examples:
      autoresearch ideas --track mqar
      autoresearch ideas --track mqar --watch
    """
    if watch and as_json:
        raise UserError("--watch and --json exclude each other: --json prints one object")
    output.require_folder("--markdown", markdown)
    before: object = None
    while True:
        data = gathered(task, top)
        if data != before:
            _show(data, markdown, as_json, clear=watch)
        if not watch:
            return
        before = data
        time.sleep(every)


def gathered(task: Task, top: int) -> "Ideas":
    """From every study of the track in this workspace; `top` rows of each kind."""
    from agent.knowledge.ideas import ideas as gather
    from agent.knowledge.techniques import Techniques

    techniques = Techniques(inputs.workspace().runs).all()
    studies = inputs.open_ledger(read_only=True).all()
    return gather(studies, task.track, task.aim, task.scale, top, techniques)


def _show(data: "Ideas", path: Path | None, as_json: bool, *, clear: bool) -> None:
    from agent.report.markdown import markdown
    from agent.report.sections.ideas import ideas_document
    from agent.report.terminal import print_document

    console, document = output.console(), ideas_document(data)
    if clear and console.is_terminal and not console.is_dumb_terminal:
        console.clear()
    if as_json:
        output.print_json(data.to_json())
    else:
        print_document(console, document)
    if path:
        output.write_file("--markdown", path, markdown(document))
