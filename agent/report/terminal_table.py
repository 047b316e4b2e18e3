"""A table on the terminal; apart from the report, so that a verb that shows one loads little."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tracks.printable import printable


def print_table(console: Console, title: str, header: list[str], rows: list[list[str]]) -> None:
    table = Table(title=Text(printable(title)), title_justify="left", title_style="bold")
    for name in header:
        table.add_column(Text(printable(name)), overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(" ".join(cell.split("\n")))) for cell in row))
    console.print(table)
