"""A table on the terminal; apart from the report, so that a verb that shows one loads little."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tracks.printable import printable


def print_table(
    console: Console, title: str, header: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    """Rich draws the borders in ASCII where the stream's encoding has no others."""
    table = Table(title=Text(printable(title)) if title else None, title_justify="left")
    table.title_style = "bold"
    for name in header:
        table.add_column(Text(printable(name)), overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(" ".join(cell.split("\n")))) for cell in row))
    console.print(table)
