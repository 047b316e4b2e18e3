"""`autoresearch report`: the result of a study."""

from pathlib import Path

import typer

from agent.cli import inputs, output
from agent.cli.options import Json, Markdown


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
    from agent.report.data import Report
    from agent.report.terminal import print_report

    ledger = inputs.open_ledger(read_only=True)
    found = Report(ledger.open(study), ledger.all())
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
