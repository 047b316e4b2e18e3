"""Folders and repositories of others: which of their files are read."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

from agent.knowledge.survey.clone import MAX_FILES, cloned, public
from agent.study.errors import UserError
from tracks.printable import printable
from tracks.submission import MAX_BYTES

LEFT_OUT = {"runs", "tests"}
DEFINES = re.compile(
    r"^(class Submission\b|Submission *[:=]|from .* import .*\bas Submission\b)", re.M
)


@contextmanager
def fetched(source: str) -> Iterator[tuple[Path, str]]:
    """The folder of a source and its origin; a repository is cloned for the context."""
    # an empty text is the current folder to Path
    if source and Path(source).is_dir():
        yield Path(source), str(Path(source).resolve())
    elif source.startswith("-") or any(mark in source for mark in ("::", "://", "@")):
        with cloned(source) as (folder, commit):
            yield folder, f"{public(source)} at {commit}"
    else:
        named = printable(source) or "''"
        raise UserError(f"{named}: no such folder; expected a folder or the URL of a repository")


def files_below(folder: Path, pattern: str) -> list[Path]:
    """Files with such a name, sorted; hidden folders, tests, other ledgers and links left out.

    A link could lead out of the folder, so none is followed. Raises UserError for too many files.
    """
    found = []
    for at, folders, names in os.walk(folder, followlinks=False):
        folders[:] = [name for name in folders if _is_read(name)]
        for name in names:
            path = Path(at) / name
            wanted = _is_read(name) and fnmatchcase(name, pattern)
            if wanted and path.is_file() and not path.is_symlink():
                found.append(path)
        if len(found) > MAX_FILES:
            raise UserError(
                f"{printable(str(folder))}: more than {MAX_FILES} files {pattern}; "
                "give one of its folders"
            )
    return sorted(found)


def _is_read(name: str) -> bool:
    return not name.startswith(".") and name not in LEFT_OUT


def candidates(folder: Path) -> list[Path]:
    """Python files that define Submission in as many bytes as one may have."""
    found = []
    for path in files_below(folder, "*.py"):
        with open(path, "rb") as file:
            if DEFINES.search(file.read(MAX_BYTES).decode("utf-8", errors="replace")):
                found.append(path)
    return found
