"""The ledger's database, and its file where it is SQLite: opened to write or only to read."""

import atexit
import shutil
import weakref
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Engine, create_engine

from agent.study.database_file import (
    Connect,
    connect,
    connect_to_read,
    remember_opened,
    require_known_tables,
    require_whole,
    versions,
)
from agent.study.errors import MachineError, UserError
from agent.study.locks import FileLocks, Locks, exclusive, shared
from agent.study.system_errors import system_error
from agent.study.temporary_folder import temporary_folder

if TYPE_CHECKING:
    from optuna.storages import RDBStorage

ADDRESS = "sqlite:///ledger.db"
"""Without the path, whose characters could break it: a function connects."""
LOCK = "ledger.lock"
FILES = ("", "-wal")
"""Suffixes of the files with data; -wal exists after a kill and during writes."""


class Database(Protocol):
    """Where a ledger keeps its rows, and the locks of those who change them."""

    @property
    def engine(self) -> Engine:
        """Of its tables, created where there are none, unless it is only read.

        Raises UserError, MachineError.
        """

    @property
    def storage(self) -> "RDBStorage":
        """The same as Optuna has it, which takes half a second to load."""

    @property
    def locks(self) -> Locks: ...

    def exists(self) -> bool: ...


class Sqlite:
    """A file, with the files of the locks beside it."""

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self._path, self._read_only = path, read_only
        self.locks: Locks = FileLocks(path.parent)

    def exists(self) -> bool:
        return self._path.exists()

    @cached_property
    def engine(self) -> Engine:
        if not self._read_only:
            return self.storage.engine
        engine = create_engine(ADDRESS, creator=self._reading)
        weakref.finalize(self, engine.dispose)
        return engine

    @cached_property
    def storage(self) -> "RDBStorage":
        return _storage(self._reading) if self._read_only else writable(self._path)

    @cached_property
    def _reading(self) -> Connect:
        return readable(self._path)


def writable(path: Path) -> "RDBStorage":
    """The storage in the file `path`, created where there is none.

    Raises UserError, or MachineError for a full disk or a lock that is held.
    """
    require_whole(path)
    require_known_tables(path)
    try:
        opened = _writable(path)
    except Exception as error:
        raise _cannot_open(path, error) from error
    remember_opened(path)
    return opened


def readable(path: Path) -> Connect:
    """What opens the database in the file `path` to read; works without the right to write."""
    # _finished makes tables that a killed process left incomplete; _copied is for a read-only
    # folder, where SQLite cannot write the index of -wal
    require_whole(path)
    require_known_tables(path)
    for attempt in (_read_only, _finished, _copied):
        try:
            opened = attempt(path)
        except Exception as error:
            failed = error
        else:
            remember_opened(path)
            return opened
    raise _cannot_open(path, failed) from failed


def _writable(path: Path) -> "RDBStorage":
    # another process may be creating the tables
    with exclusive(path.parent / LOCK):
        return _storage(lambda: connect(path), create=True)


def _read_only(path: Path) -> Connect:
    # no process is creating the tables meanwhile
    with shared(path.parent / LOCK):
        return _read_by(lambda: connect_to_read(path))


def _finished(path: Path) -> Connect:
    _writable(path)
    return _read_by(lambda: connect(path))


def _copied(path: Path) -> Connect:
    """Of a copy of the database that is removed at exit."""
    until_exit = ExitStack()
    folder = until_exit.enter_context(temporary_folder("ledger"))
    atexit.register(until_exit.close)
    for suffix in FILES:
        file = path.with_name(path.name + suffix)
        if file.exists():
            shutil.copyfile(file, folder / file.name)
    return _read_by(lambda: connect(folder / path.name))


def _read_by(opening: Connect) -> Connect:
    """The same, once it has read complete tables."""
    versions(opening)
    return opening


def _storage(opening: Connect, *, create: bool = False) -> "RDBStorage":
    import optuna

    from agent.study.fast_storage import FastStorage

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = FastStorage(
        ADDRESS,
        engine_kwargs={"creator": opening},
        # only writers check the version of the tables, so that reading is fast
        skip_table_creation=not create,
        skip_compatibility_check=not create,
    )
    weakref.finalize(storage, storage.engine.dispose)
    return storage


def _cannot_open(path: Path, error: Exception) -> UserError | MachineError:
    if cause := system_error(error):
        return MachineError(cause)
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return UserError(f"cannot open the ledger {path}: {reason}")
