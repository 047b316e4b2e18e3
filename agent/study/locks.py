"""Locks between processes: a file that one of them holds until it ends, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class HeldError(Exception):
    """Another process holds the lock; `holder` is its process id, or "?"."""

    def __init__(self, holder: str) -> None:
        super().__init__(f"held by process {holder}")
        self.holder = holder


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Wait for the lock in the file `path`, created where there is none; keep it short."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def shared(path: Path) -> Iterator[None]:
    """Wait until nobody holds the lock exclusively; a file that cannot be opened locks nothing."""
    try:
        file = open(path)  # noqa: SIM115
    except OSError:
        yield
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


def take(path: Path) -> IO[str]:
    """Hold the lock until the returned file is closed. Raises HeldError where it is held."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = open(path, "a+")  # noqa: SIM115
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        with file:
            file.seek(0)
            raise HeldError(file.read().strip() or "?") from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def is_held(path: Path) -> bool:
    """Whether a process holds the lock; this one must not."""
    try:
        with open(path) as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
