"""`autoresearch report`: the result of a study."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from agent.cli import inputs, output
from agent.cli.options import Json, Markdown

if TYPE_CHECKING:
    from agent.report.data import Report


def report(
    study: str = typer.Argument(..., help="Name of the study; see `autoresearch status`."),
    markdown: Markdown = None,
    html: Path | None = typer.Option(
        None, help="Write it to this file as one self-contained page too."
    ),
    as_json: Json = False,
) -> None:
    """Show a study: verdict, best trials, ablation, failures.

    \b
    Examples:
      autoresearch report mqar-1
      autoresearch report mqar-1 --html report.html
      autoresearch report mqar-1 --markdown report.md
    """
    from agent.report.terminal import print_report

    found = report_of(study)
    if markdown:
        from agent.report.markdown import study_report

        output.write_file("--markdown", markdown, study_report(found))
    if html:
        from agent.report.html import study_page

        output.write_file("--html", html, study_page(found))
    if as_json:
        output.print_json(found.to_json())
    else:
        print_report(output.console(), found)


def report_of(study: str) -> "Report":
    """The report of a study, beside the others of the workspace. Raises UserError."""
    from agent.report.data import Report

    ledger = inputs.open_ledger(read_only=True)
    return Report(ledger.open(study), ledger.all())
