"""`autoresearch ideas`: what is known on a track, and what to try next."""

import time
from pathlib import Path
from typing import Any

import typer

from agent.cli import common
from agent.study.errors import UserError


def ideas(
    track: str = typer.Option(..., "--track", help="Track; see `autoresearch tracks`."),
    objective: str = typer.Option(None, help="final or steps [default: the track's]."),
    scale: str = typer.Option("full", help="Size of the runs that count."),
    shown: int = typer.Option(10, "--top", min=1, help="Rows of a table."),
    watch: bool = typer.Option(False, "--watch", help="Show it again whenever the ledger changes."),
    every: str = typer.Option("5s", help="How often --watch looks."),
    markdown: Path = typer.Option(None, help="Write it to this file as Markdown as well."),
    as_json: bool = typer.Option(False, "--json", help="Print it as JSON."),
) -> None:
    """Show the standings, untried combinations by expected value, and what does not work.

    It learns from every study of the track in this workspace, also while one runs.

    \b
    Examples:
      autoresearch ideas --track mqar
      autoresearch ideas --track mqar --watch
    """
    if watch and as_json:
        raise UserError("--watch and --json exclude each other: --json prints one object")
    pause = common.seconds(every) or 5.0
    if markdown and not markdown.absolute().parent.is_dir():
        raise UserError(f"--markdown {markdown}: its folder does not exist; create it first")
    known = common.known_track(track)
    common.known_scale(scale, known)
    aim = common.known_objective(objective, known)
    before: dict[str, Any] = {}
    while True:
        from agent.knowledge.ideas import ideas as gather
        from agent.knowledge.techniques import Techniques
        from agent.study.schema_version import SCHEMA_VERSION

        techniques = Techniques(common.workspace().runs).all()
        data = gather(
            common.open_ledger(read_only=True).all(), known, aim, scale, shown, techniques
        )
        if as_json:
            common.print_json({"schema_version": SCHEMA_VERSION, **data})
        elif data != before:
            _show(data, clear=watch)
        if markdown and data != before:
            from agent.report.markdown import markdown as rendered
            from agent.report.sections.ideas import ideas_document

            try:
                markdown.write_text(rendered(ideas_document(data)), encoding="utf-8")
            except OSError as error:
                raise UserError(f"--markdown {markdown}: {error.strerror}") from error
        if not watch:
            return
        before = data
        time.sleep(pause)


def _show(data: dict[str, Any], *, clear: bool) -> None:
    from agent.report.sections.ideas import ideas_document
    from agent.report.terminal import print_document

    console = common.console()
    if clear and console.is_terminal:
        console.clear()
    print_document(console, ideas_document(data))
