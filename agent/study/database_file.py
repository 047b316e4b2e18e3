"""The SQLite file of a ledger: connections to it, and what is checked before it is opened."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from agent.study.errors import UserError

Connect = Callable[[], sqlite3.Connection]
WAIT_S = 60.0
"""How long a connection waits for a writer."""
SQLITE = b"SQLite format 3\0"
HEADER_BYTES = 100
"""Of an SQLite file: at 16 the bytes of a page (1 stands for 65536), at 28 the number of pages."""
RESTORE = "restore it from a copy, or move runs/ away"
MIGRATIONS = "storages/_rdb/alembic/versions"
"""A folder of Optuna's with a file for each version of the tables that it knows."""
VERSIONS = "SELECT version_num, library_version FROM alembic_version, version_info"
"""Of the tables, and of the Optuna that made them: what is written last into a new database."""
_opened: dict[tuple[Path, int], int] = {}
"""Bytes of the files that this process has opened, by path and inode."""


def require_whole(path: Path) -> None:
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


def remember_opened(path: Path) -> None:
    """This process has connections to it from now on."""
    if path.is_file():
        file, size = _identity(path)
        _opened[file] = size


def require_known_tables(path: Path) -> None:
    """Raise UserError for tables of an Optuna version that this one cannot read."""
    try:
        tables, program = versions(lambda: connect_to_read(path))
    except (sqlite3.Error, TypeError, ValueError):
        return  # no tables yet, or damaged: opening reports that
    optuna = find_spec("optuna")
    folders = (optuna and optuna.submodule_search_locations) or ()
    known = {
        file.stem.rstrip("_") for one in folders for file in (Path(one) / MIGRATIONS).glob("*.py")
    }
    if known and tables not in known:
        raise UserError(
            f"the ledger {path} was written with Optuna {program}, whose tables "
            f"({tables}) Optuna {version('optuna')}, which is installed, does not know: "
            f"install Optuna {program}"
        )


def versions(opened: Connect) -> tuple[str, str]:
    """Raises sqlite3.Error, or TypeError for tables that are not complete."""
    with closing(opened()) as connection:
        tables, program = connection.execute(VERSIONS).fetchone()
        return tables, program


def connect(path: Path) -> sqlite3.Connection:
    """In WAL mode without a sync at every commit.

    A killed process loses nothing; a power failure can lose the last commits.
    """
    connection = sqlite3.connect(path, timeout=WAIT_S, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    address = f"file:{quote(bytes(path))}?mode=ro"
    return sqlite3.connect(address, uri=True, timeout=WAIT_S, check_same_thread=False)
