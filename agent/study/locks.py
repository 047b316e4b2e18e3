"""Locks between processes: each ends with the process that holds it, however that ends."""

import fcntl
import os
import time
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Protocol


class HeldError(Exception):
    """Another process holds the lock; `holder` is its process id, or "?"."""

    def __init__(self, holder: str) -> None:
        super().__init__(f"held by process {holder}")
        self.holder = holder


class Held(Protocol):
    """A lock that this process holds."""

    def release(self, *, for_good: bool = False) -> None:
        """Let go of it; with `for_good` no process will need it again."""


class Locks(Protocol):
    """The locks of a ledger, by name: a path in `runs/`, for every implementation."""

    shared_by_machines: bool
    """Whether processes of several machines exclude each other."""

    def exclusive(self, name: str) -> AbstractContextManager[None]:
        """Wait for a lock and hold it meanwhile; keep it short."""

    def take(self, name: str) -> Held:
        """Hold a lock. Raises HeldError where a process has it, this one included."""

    def held(self, names: Collection[str]) -> set[str]:
        """Those that a process holds, this one included."""

    def require_kept(self) -> None:
        """Raise MachineError where the locks that this process took are no longer its own."""


class FileLocks:
    """A file for each lock, below `folder`; for the processes of one machine."""

    shared_by_machines = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def exclusive(self, name: str) -> AbstractContextManager[None]:
        return exclusive(self._folder / name)

    def take(self, name: str) -> Held:
        return _HeldFile(take(self._folder / name))

    def held(self, names: Collection[str]) -> set[str]:
        return {name for name in names if is_held(self._folder / name)}

    def require_kept(self) -> None:
        """The system keeps them."""


class _HeldFile:
    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def release(self, *, for_good: bool = False) -> None:
        if for_good:
            Path(self._file.name).unlink(missing_ok=True)
        self._file.close()


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


ATTEMPTS, ATTEMPT_S = 5, 0.01
"""To take a lock: a process that asks whether it is held has it for a moment."""


def take(path: Path) -> IO[str]:
    """Hold the lock until the returned file is closed. Raises HeldError where it is held."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = open(path, "a+")  # noqa: SIM115
    for left in reversed(range(ATTEMPTS)):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError as error:
            if not left:
                with file:
                    file.seek(0)
                    raise HeldError(file.read().strip() or "?") from error
            time.sleep(ATTEMPT_S)
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
