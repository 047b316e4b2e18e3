"""Markdown tables, and numbers, times and sentences as every report writes them."""

import re
from collections.abc import Sequence

from tracks.base import Track

ACTIVE = re.compile(r"\S*(?:@\w|://|\bwww\.|#\d)\S*")
"""A word that GitHub turns into a link by itself, or with which it notifies a person."""


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    cells = [[_plain(cell) for cell in line] for line in lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in cells)


def _plain(cell: str) -> str:
    """Neither cells, nor tags, nor links of its own; `inert`."""
    for mark, harmless in (("|", "\\|"), ("\n", " "), ("<", "&lt;"), ("](", "]\\(")):
        cell = cell.replace(mark, harmless)
    return inert(cell)


def inert(text: str) -> str:
    """Markdown in which names, addresses and numbers of issues are code, not links."""
    if not ACTIVE.search(text):
        return text
    return ACTIVE.sub(lambda word: f"`{word[0]}`", text.replace("`", "'"))


def number(value: float | None) -> str:
    return "failed" if value is None else f"{value:.6g}"


def duration(seconds: float) -> str:
    """8 s, 4 min 05 s, 2 h 10 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def if_target(track: Track, cell: str) -> list[str]:
    """A cell of the column of steps to the target, which a track without one does not have."""
    return [] if track.target is None else [cell]


def sentence(text: str) -> str:
    """With a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:].removesuffix('.')}." if text else ""
