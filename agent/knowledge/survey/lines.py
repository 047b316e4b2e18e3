"""Which parts of a text by others say what it uses, and quotations from it."""

import re

from tracks.printable import QUOTED, plain

BEFORE = 60
"""Characters of context before a match, in a line that is too long to be quoted."""
TABLE = re.compile(r"^[ \t]*\|.*$", re.M)
ASIDE = (
    TABLE,
    # imports, also in brackets over several lines
    re.compile(r"^[ \t]*(?:from[ \t]+[\w.]+[ \t]+)?import[ \t]+(?:\([^()]*\)|[^\n]*)", re.M),
    # a line that is nothing but a link, the target of a link, an address
    re.compile(r"^[ \t]*(?:[-*+]|\d+[.)])?[ \t]*(?:\[[^\]\n]*\](?:\([^)\n]*\)|:.*))[ \t]*$", re.M),
    re.compile(r"(?<=\])\([^)\n]*\)|\b(?:https?://|www\.)[^\s)>\]]+"),
    # messages that a program raises, prints or logs
    re.compile(
        r"(?:\b(?:print|warn|log(?:ger|ging)?\.\w+|warnings\.warn)|\braise\s+[\w.]+|\w+Error)"
        r"\s*\((?:[^()]|\([^()]*\)){0,600}\)"
    ),
    # references and comparisons in brackets
    re.compile(
        r"\((?=[^()]{1,300}\))(?:\s*(?:vs|versus|compared|cf)\b|[^()]*?(?:\bet\sal\b|arxiv"
        r"|\b(?:19[5-9]|20[12])\d\b))[^()]*\)",
        re.I,
    ),
)
"""Tables, imports, links, messages and references: they name techniques that are not used."""


def without_tables(text: str) -> str:
    """Spaces in place of the rows of Markdown tables, which compare."""
    return _blank(TABLE, text)


def without_asides(text: str) -> str:
    """Spaces in place of each ASIDE; everything else stays in its place."""
    for aside in ASIDE:
        text = _blank(aside, text)
    return text


def _blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def line_around(text: str, start: int, end: int) -> str:
    """The line of `text[start:end]` as a quotation."""
    begin = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    if end - begin > QUOTED:
        begin = start - BEFORE
    return plain(text[begin : stop if stop >= 0 else len(text)])
