"""`autoresearch report`: the result of a study."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import typer

from agent.cli import inputs, output
from agent.cli.interrupt import ending_with
from agent.cli.options import Json, files_of, option
from agent.study.errors import UserError

if TYPE_CHECKING:
    from agent.report.data import Report


STDOUT = Path("-")


@dataclass(frozen=True)
class Files:
    """Where else the report goes."""

    heading: ClassVar[str] = "Files"
    markdown: Path | None = option("Write it to this file as Markdown too.")
    html: Path | None = option("Write it to this file as one self-contained page too.")
    csv: Path | None = option(
        "Write the trials to this file as CSV too; - prints them instead of the report."
    )
    parquet: Path | None = option("Write the trials to this file as Parquet too.")

    def require(self, reads: Iterable[Path] = ()) -> None:
        """Raises UserError for a file that cannot be written, or that the report is made from."""
        files = {f"--{name}": path for name, path in vars(self).items()}
        output.require_outputs(files | ({"--csv": None} if self.csv == STDOUT else {}), reads)

    def write(self, found: "Report") -> None:
        """Raises UserError for a file that cannot be written."""
        if self.markdown:
            from agent.report.markdown import study_report

            output.write_file("--markdown", self.markdown, study_report(found))
        if self.html:
            from agent.report.html import study_page

            output.write_file("--html", self.html, study_page(found))
        if self.csv and self.csv != STDOUT:
            output.write_file("--csv", self.csv, trials_csv(found))
        if self.parquet:
            from agent.report.parquet import parquet
            from agent.report.trial_table import TrialTable

            output.write_bytes("--parquet", self.parquet, parquet(TrialTable.of(found)))


def report(
    files: Files,
    study: str = typer.Argument(..., help="Name of the study; see `autoresearch status`."),
    serve: bool = typer.Option(
        False, "--serve", help="Serve the page to browsers of this machine, renewed as it changes."
    ),
    port: int | None = typer.Option(
        None, min=1, max=65535, help="Port of --serve [default: a free one]."
    ),
    as_json: Json = False,
) -> None:
    """Show a study: verdict, best trials, ablation, failures.

    \b
    Examples:
      autoresearch report mqar-1
      autoresearch report mqar-1 --html report.html
      autoresearch report mqar-1 --markdown report.md
      autoresearch report mqar-1 --csv trials.csv
      autoresearch report mqar-1 --serve
    """
    if port and not serve:
        raise UserError("--port is for --serve; give both, or neither")
    if files.csv == STDOUT and (as_json or serve):
        raise UserError("--csv - prints the trials alone; give it a file beside --json or --serve")
    files.require()
    found = report_of(study)
    files.require(files_of(found.track))
    files.write(found)
    if serve:
        _serve(study, port or 0, as_json)
    elif files.csv == STDOUT:
        print(trials_csv(found), end="")
    elif as_json:
        output.print_json(found.to_json())
    else:
        from agent.report.terminal import print_report

        print_report(output.console(), found)


def trials_csv(found: "Report") -> str:
    """The trials of a study, a row each."""
    from agent.report.trial_table import TrialTable

    return TrialTable.of(found).csv()


def _serve(study: str, port: int, as_json: bool) -> None:
    """Serve the page until the user stops it. Raises UserError for a port that cannot be had."""
    from agent.report.live import LivePage
    from agent.report.server import PageServer

    page = LivePage(inputs.workspace(), study)
    with ending_with("the page is no longer served"):
        try:
            server = PageServer(page.text, page.policy, port)
        except OSError as error:
            raise UserError(
                f"--port {port}: {error.strerror}; give another, or leave it out for a free one"
            ) from error
        with server:
            content = {"study": study, "address": server.address}
            line = f"{server.address} shows study {study} as it runs; Ctrl-C ends it"
            output.show_lines(as_json, content, [line])
            # who reads this through a pipe waits for it
            sys.stdout.flush()
            server.serve_forever()


def report_of(study: str) -> "Report":
    """The report of a study, beside the others of the workspace. Raises UserError."""
    from agent.report.data import Report

    ledger = inputs.open_ledger(read_only=True)
    return Report(ledger.open(study), ledger.all())
