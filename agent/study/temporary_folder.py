"""Temporary folders of a process: those that killed ones left are removed when the next is made."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def temporary_folder(kind: str) -> Iterator[Path]:
    """An empty folder with `kind` in its name, where the system keeps such; removed at the end.

    A process that is killed leaves its folder, but not its lock on it, so that the next folder of
    the kind that the same user makes removes it.
    """
    start = f"autoresearch-{kind}-"
    for left in Path(tempfile.gettempdir()).glob(f"{start}*"):
        _remove_left(left)
    folder, lock = _locked(start)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _locked(start: str) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=start))
        # another process may take it for left over, until it is locked
        with suppress(FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY)
            with suppress(OSError):  # some file systems have no locks
                fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _remove_left(folder: Path) -> None:
    """Remove it where it is this user's and no process holds it."""
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        if os.fstat(lock).st_uid == os.getuid():
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        pass  # held
    finally:
        os.close(lock)
