"""A study copied from one ledger to another, whole: its rows, its files, its evaluations."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from agent.study.errors import UserError
from agent.study.ledger import Ledger
from agent.study.row_copy import RowCopy
from agent.study.workspace import EVALUATIONS

UNFINISHED = ".being-copied"
"""A file in a folder whose rows are not in the ledger yet."""


@dataclass(frozen=True)
class Copied:
    """What came with a study; evaluations that were there before are not counted."""

    study: str
    trials: int
    files: int
    evaluations: int
    missing: str | None
    """The file of the study's track, where it is not at the target."""


def copy_study(source: Ledger, target: Ledger, name: str) -> Copied:
    """Copy it; killed at any moment, it is there whole or not at all, and can be copied again.

    Evaluations are those of all studies, since each is kept by its content. Raises UserError where
    the name is taken, or a process runs the study.
    """
    study = source.open(name)
    require_free(target, name)
    with study.locked():
        evaluations = _copy_missing(source.runs / EVALUATIONS, target.runs / EVALUATIONS)
        with tempfile.TemporaryDirectory(dir=target.runs, prefix=".copy-") as folder:
            files = Path(folder) / name
            _copy_files(study.folder, files)
            (files / UNFINISHED).touch()
            with source.engine.connect() as reading, target.engine.begin() as writing:
                trials = RowCopy(reading, writing).copy(name)
                # before the rows, without which the ledger has no such study, are kept
                files.rename(target.runs / name)
    (target.runs / name / UNFINISHED).unlink()
    count = sum(path.is_file() for path in (target.runs / name).rglob("*"))
    file = target.open(name).track_file
    missing = str(file) if file and not file.is_file() else None
    return Copied(name, trials, count, evaluations, missing)


def require_free(target: Ledger, name: str) -> None:
    """Raise UserError unless `name` is free; remove what a killed copy has left of it."""
    folder = target.runs / name
    taken = name in target.names()
    if not taken and (folder / UNFINISHED).exists():
        shutil.rmtree(folder)
    if taken or folder.exists():
        what = "a study" if taken else "files"
        raise UserError(f"{target} has {what} of the name {name} already: nothing was copied")


def _copy_files(source: Path, target: Path) -> None:
    """All but the files of locks, which are empty or have a process id."""
    ignored = shutil.ignore_patterns("lock", "*.lock")
    if source.exists():
        shutil.copytree(source, target, ignore=ignored)
    else:
        target.mkdir()


def _copy_missing(source: Path, target: Path) -> int:
    """Copy the files that the target does not have, each at once."""
    copied = 0
    for path in source.rglob("*.json"):
        there = target / path.relative_to(source)
        if not there.exists():
            there.parent.mkdir(parents=True, exist_ok=True)
            part = there.with_suffix(f".{os.getpid()}")
            shutil.copyfile(path, part)
            part.replace(there)
            copied += 1
    return copied
