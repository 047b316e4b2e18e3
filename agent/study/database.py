"""The ledger's database, and its file where it is SQLite: opened to write or only to read."""

import atexit
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import optuna
from optuna.storages import RDBStorage

from agent.study.errors import MachineError, UserError
from agent.study.locks import FileLocks, Locks, exclusive, shared
from agent.study.system_errors import system_error

ADDRESS = "sqlite:///ledger.db"
"""Without the path, whose characters could break it: `_storage` gets a function that connects."""
LOCK = "ledger.lock"
WAIT_S = 60.0
"""How long a connection waits for a writer."""
SQLITE = b"SQLite format 3\0"
HEADER_BYTES = 100
"""Of an SQLite file: at 16 the bytes of a page (1 stands for 65536), at 28 the number of pages."""
RESTORE = "restore it from a copy, or move runs/ away"
MIGRATIONS = Path(optuna.__file__).parent / "storages" / "_rdb" / "alembic" / "versions"
"""A file for each version of the tables that the installed Optuna knows."""
FILES = ("", "-wal")
"""Suffixes of the files with data; -wal exists after a kill and during writes."""
_opened: dict[tuple[Path, int], int] = {}
"""Bytes of the files that this process has opened, by path and inode."""


class Database(Protocol):
    """Where a ledger keeps its rows, and the locks of those who change them."""

    @property
    def storage(self) -> RDBStorage:
        """Created where there is none, unless it is only read. Raises UserError, MachineError."""

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
    def storage(self) -> RDBStorage:
        return readable(self._path) if self._read_only else writable(self._path)


def writable(path: Path) -> RDBStorage:
    """The storage in the file `path`, created where there is none.

    Raises UserError, or MachineError for a full disk or a lock that is held.
    """
    _require_whole(path)
    _require_known_tables(path)
    try:
        opened = _writable(path)
    except Exception as error:
        raise _cannot_open(path, error) from error
    _remember(path)
    return opened


def readable(path: Path) -> RDBStorage:
    """The storage in the file `path`, for reading only; works without the right to write."""
    # _writable finishes tables that a killed process left incomplete; _copied is for a read-only
    # folder, where SQLite cannot write the index of -wal
    _require_whole(path)
    _require_known_tables(path)
    for attempt in (_read_only, _writable, _copied):
        try:
            opened = attempt(path)
        except Exception as error:
            failed = error
        else:
            _remember(path)
            return opened
    raise _cannot_open(path, failed) from failed


def _require_whole(path: Path) -> None:
    """Raise UserError for a file that was cut off, which SQLite would overwrite if it is short.

    One that this process has opened and that has not shrunk since is not read: closing it would
    release the locks of SQLite's connections in this process, without which another process
    that ends removes -wal with all that they still write.
    """
    if not path.is_file():
        return
    known, size = _identity(path)
    if known in _opened and _opened[known] <= size:
        return
    with open(path, "rb") as file:
        header = file.read(HEADER_BYTES)
    if not SQLITE.startswith(header[: len(SQLITE)]):
        raise UserError(f"cannot open the ledger {path}: it is not a database: {RESTORE}")
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        return  # the missing pages may be in the log
    page, pages = int.from_bytes(header[16:18]), int.from_bytes(header[28:32])
    if size and size < max(HEADER_BYTES, (page if page > 1 else 2**16) * pages):
        raise UserError(f"the ledger {path} was cut off: {RESTORE}")


def _identity(path: Path) -> tuple[tuple[Path, int], int]:
    """What `_opened` knows a file by, and its bytes."""
    status = path.stat()
    return (path.resolve(), status.st_ino), status.st_size


def _remember(path: Path) -> None:
    if path.is_file():
        file, size = _identity(path)
        _opened[file] = size


def _require_known_tables(path: Path) -> None:
    """Raise UserError for tables of an Optuna version that this one cannot read."""
    try:
        with closing(_connect_to_read(path)) as connection:
            versions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            (program,) = connection.execute("SELECT library_version FROM version_info").fetchone()
    except (sqlite3.Error, TypeError, ValueError):
        return  # no tables yet, or damaged: opening reports that
    known = {file.stem.rstrip("_") for file in MIGRATIONS.glob("*.py")}
    if versions and known and versions[0][0] not in known:
        raise UserError(
            f"the ledger {path} was written with Optuna {program}, whose tables "
            f"({versions[0][0]}) Optuna {optuna.__version__}, which is installed, does not know: "
            f"install Optuna {program}"
        )


def _writable(path: Path) -> RDBStorage:
    # another process may be creating the tables
    with exclusive(path.parent / LOCK):
        return _storage(lambda: _connect(path), create=True)


def _read_only(path: Path) -> RDBStorage:
    # no process is creating the tables meanwhile
    with shared(path.parent / LOCK):
        return _storage(lambda: _connect_to_read(path), create=False)


def _copied(path: Path) -> RDBStorage:
    """Of a copy of the database that is removed at exit."""
    folder = Path(tempfile.mkdtemp(prefix="autoresearch-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for suffix in FILES:
        file = path.with_name(path.name + suffix)
        if file.exists():
            shutil.copyfile(file, folder / file.name)
    return _storage(lambda: _connect(folder / path.name), create=False)


def _storage(connect: Callable[[], sqlite3.Connection], *, create: bool) -> RDBStorage:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    # only writers check the version of the tables, so that reading is fast
    return RDBStorage(
        ADDRESS,
        engine_kwargs={"creator": connect},
        skip_table_creation=not create,
        skip_compatibility_check=not create,
    )


def _connect(path: Path) -> sqlite3.Connection:
    """In WAL mode without a sync at every commit.

    A killed process loses nothing; a power failure can lose the last commits.
    """
    connection = sqlite3.connect(path, timeout=WAIT_S, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _connect_to_read(path: Path) -> sqlite3.Connection:
    address = f"file:{quote(bytes(path))}?mode=ro"
    return sqlite3.connect(address, uri=True, timeout=WAIT_S, check_same_thread=False)


def _cannot_open(path: Path, error: Exception) -> UserError | MachineError:
    if cause := system_error(error):
        return MachineError(cause)
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return UserError(f"cannot open the ledger {path}: {reason}")
