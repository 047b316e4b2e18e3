"""Text that others wrote, made harmless: on a terminal, in a record, and in a prompt.

`printable` and `printable_lines` are for terminals and files, `plain` for one short line of a
record, `fenced` for a block of a prompt or of Markdown.
"""

import re
import unicodedata

QUOTED = 160
"""Characters of a quotation."""
TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\].{0,200}?(?:\x07|\x1b\\))", re.S)
"""Terminal sequences: colours, titles and the like."""

UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Characters that Python calls printable and nobody sees; a language model may read words there."""


def visible(text: str, instead: str = " ", kept: str = "") -> str:
    """`text` with `instead` for each character that is neither printable nor in `kept`."""
    text = UNSEEN.sub("\0", text)
    return "".join(c if c.isprintable() or c in kept else instead for c in text)


def printable(text: str) -> str:
    """`text` in one line, with U+FFFD for each character that is not printable.

    Those are terminal escapes, line breaks, marks of writing direction, characters that nobody
    sees, and bytes of a file name that are not UTF-8, which could not be encoded.
    """
    return visible(text, "\N{REPLACEMENT CHARACTER}")


def printable_lines(text: str) -> str:
    """`text` line by line made printable; its own line breaks and tabs stay."""
    return "\n".join(printable(line.expandtabs()) for line in text.split("\n"))


def plain(text: str, most: int = QUOTED) -> str:
    """`text` as one line of at most `most` characters, without terminal sequences and backticks.

    Invisible characters go; every run of white space becomes one space.
    """
    text = UNSEEN.sub("", TERMINAL.sub("", text[: 16 * most])).replace("`", "'")
    seen = (c if unicodedata.category(c)[0] != "C" else " " * c.isspace() for c in text)
    line = " ".join("".join(seen).split())
    return line if len(line) <= most else line[: most - 3].rstrip() + "..."


def fenced(text: str) -> str:
    """`text` as a block between more backticks than it has in a row, so that it cannot end it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    shown = visible(text, kept="\n\t").rstrip()
    return f"{fence}\n{shown}\n{fence}"
