"""A document on the terminal: what is brief of it."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from agent.report.data import Report
from agent.report.section import Document, Section
from agent.report.sections.study import study_document
from agent.report.terminal_table import print_table
from tracks.printable import printable

STYLES = {"open": "yellow", "accepted": "green", "refused": "red"}


def print_report(console: Console, report: Report) -> None:
    """The report of a study."""
    print_document(console, study_document(report, brief=True))


def print_document(console: Console, document: Document) -> None:
    _print(console, document.title, "bold")
    for index, line in enumerate(document.lead):
        _print(console, line, "" if index else STYLES.get(document.standing, ""))
    print_sections(console, document.sections)


def print_sections(console: Console, sections: Sequence[Section]) -> None:
    for section in sections:
        if not section.brief:
            continue
        console.print()
        _print(console, section.title, "bold")
        for line in section.text:
            _print(console, line)
        if section.table and section.table.rows:
            print_table(console, "", section.table.header, section.table.rows)
        for line in [*section.notes, *section.commands]:
            _print(console, line, "dim")
        print_sections(console, section.parts)


def _print(console: Console, text: str, style: str = "") -> None:
    console.print(Text(printable(text.replace("`", "")), style=style))
