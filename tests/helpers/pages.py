"""The documents of the project, their links and the commands that they show."""

import re
from collections.abc import Iterator
from pathlib import Path

from helpers import ROOT

FENCED = re.compile(r"^```.*?^```$", re.S | re.M)
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.M)
COMMAND = re.compile(r"^ *(?:\$ )?autoresearch (.+)$", re.M)
INLINE = re.compile(r"`autoresearch ([^`]+)`")


def pages() -> list[Path]:
    """Every document of the project."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    return sorted([*found, *(ROOT / "submissions").glob("*/README.md")])


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def links(path: Path) -> Iterator[tuple[Path, str]]:
    """The file and the anchor that each link within the repository names."""
    for name, anchor in LINK.findall(FENCED.sub("", text_of(path))):
        if "://" not in name:
            yield (path.parent / name if name else path), anchor


def anchors(path: Path) -> set[str]:
    """Of a page's headings, as GitHub makes them."""
    titles = HEADING.findall(FENCED.sub("", text_of(path)))
    plain = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title).lower() for title in titles)
    return {re.sub(r"[^\w\- ]", "", title).strip().replace(" ", "-") for title in plain}


def commands(path: Path) -> Iterator[str]:
    """What follows `autoresearch` in blocks and in lines, continued lines joined."""
    text = text_of(path).replace("\\\n", " ")
    for block in FENCED.findall(text):
        yield from COMMAND.findall(block)
    for found in INLINE.findall(FENCED.sub("", text)):
        yield " ".join(found.split())
