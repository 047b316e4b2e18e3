"""A section that is one table of texts that others may have written: cut short, rows counted."""

from collections.abc import Sequence

from agent.report.section import Section, Table
from tracks.printable import plain

CELL = 400
"""Characters of a cell, at most."""
NAMED = 3
"""Names of a cell; more are counted."""
MINUTE = len("2026-01-31T12:30")


def table_section(
    title: str,
    note: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    shown: int,
) -> Section:
    """With the first `shown` rows, and a note where there are more."""
    cells = [[plain(cell, CELL) for cell in row] for row in rows[:shown]]
    notes = [note] if note else []
    if len(rows) > shown:
        notes.append(f"{len(rows) - shown} more: `--top {len(rows)}` shows all.")
    key = f"ideas-{title.lower().replace(' ', '-').split(':')[0]}"
    return Section(key, title, table=Table(header, cells), notes=notes)


def minute(date: str | None) -> str:
    """A UTC date of ISO 8601, to the minute."""
    return (date or "-")[:MINUTE].replace("T", " ")


def listed(names: Sequence[str]) -> str:
    """The first of some names, and how many more; "-" for none."""
    more = f" and {len(names) - NAMED} more" if names[NAMED:] else ""
    return ", ".join(names[:NAMED]) + more or "-"
