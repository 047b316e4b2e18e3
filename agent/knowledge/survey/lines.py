"""Lines of somebody's text."""

import re

from tracks.printable import QUOTED, plain

TABLE = re.compile(r"^[ \t]*\|.*$", re.M)
BEFORE = 60
"""Characters that are shown of what comes before, in a line that is too long to be quoted."""


def without_tables(text: str) -> str:
    """Blanks for the rows of Markdown tables, which compare; everything else stays in its place."""
    return TABLE.sub(lambda row: " " * len(row[0]), text)


def line_around(text: str, start: int, end: int) -> str:
    """The line of `text[start:end]` as a quotation."""
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    if end - begin > QUOTED:
        begin = start - BEFORE
    return plain(text[begin : stop if stop >= 0 else len(text)])
