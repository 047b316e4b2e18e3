"""What verbs print: tables and lines for people, one JSON object for programs."""

import json
import locale
import sys
from collections.abc import Iterable, Mapping, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from agent.study.errors import UserError
from agent.study.schema_version import SCHEMA_VERSION
from agent.study.workspace import write_text
from tracks.links import followed
from tracks.printable import printable_lines

if TYPE_CHECKING:
    from agent.report.section import Section

FAILED = 3
"""Exit status of a verb whose submission broke a rule or failed."""
PLAIN_WIDTH = 120
"""Columns where the output is no terminal."""


def plain_in_the_c_locale() -> None:
    """Print ASCII where the user asked for the C locale, though Python itself would print UTF-8."""
    if locale.setlocale(locale.LC_CTYPE) in ("C", "POSIX"):
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(encoding="ascii", errors="backslashreplace")


def console(*, stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else PLAIN_WIDTH)


def print_json(content: Mapping[str, Any]) -> None:
    """Print one object; it gets the schema version unless it has one."""
    print(json.dumps({"schema_version": SCHEMA_VERSION, **content}, indent=2))


def show(
    as_json: bool,
    content: Mapping[str, Any],
    title: str,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
) -> None:
    """Print one JSON object, or the same for people as a table."""
    if as_json:
        print_json(content)
        return
    from agent.report.terminal_table import print_table

    print_table(console(), title, header, rows)


def show_lines(as_json: bool, content: Mapping[str, Any], lines: Iterable[str]) -> None:
    """Print one JSON object, or the same for people as lines."""
    if as_json:
        print_json(content)
        return
    for line in lines:
        say(line)


def show_section(
    as_json: bool, content: Mapping[str, Any], section: "Section", markdown: Path | None = None
) -> None:
    """Print one JSON object, or the same for people as a section of a report.

    The section also goes to the file of --markdown. Raises UserError.
    """
    if markdown:
        from agent.report.markdown import sections

        write_file("--markdown", markdown, sections([section]) + "\n")
    if as_json:
        print_json(content)
        return
    from agent.report.terminal import print_sections

    print_sections(console(), [section])


def say(text: str, *, end: str = "\n", stderr: bool = False) -> None:
    """Print text that may hold words of others: its lines stay, control characters do not."""
    print(printable_lines(text), end=end, file=sys.stderr if stderr else sys.stdout, flush=stderr)


def write_file(option: str, path: Path, text: str) -> None:
    """Write what an option asked for. Raises UserError."""
    try:
        write_text(path, text)
    except OSError as error:
        raise UserError(f"{option} {path}: {error.strerror}") from error


def write_bytes(option: str, path: Path, content: bytes) -> None:
    """As `write_file`, for what is no text. Raises UserError."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UserError(f"{option} {path}: {error.strerror}") from error


def require_outputs(files: Mapping[str, Path | None], reads: Iterable[Path] = ()) -> None:
    """Raise UserError, before anything is measured, unless each option's file can be written.

    Its folder is there, it is none of those that the command `reads`, and no other option's.
    """
    taken = {followed(path): "the command reads it" for path in reads}
    for option, path in files.items():
        if path is None:
            continue
        if path.is_dir():
            raise UserError(f"{option} {path}: is a folder; expected the name of a file")
        if not path.absolute().parent.is_dir():
            raise UserError(f"{option} {path}: its folder does not exist; create it first")
        if path.exists() and not path.is_file():
            continue  # /dev/null may be named twice
        if why := taken.get(followed(path)):
            raise UserError(f"{option} {path}: {why}; choose another file")
        taken[followed(path)] = f"{option} writes it"
