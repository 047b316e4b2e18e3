"""Locks on a PostgreSQL server: advisory locks of one connection, which ends with its process."""

import hashlib
import threading
import time
import weakref
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from agent.study.errors import MachineError
from agent.study.locks import Held, HeldError

PAUSE_S = 0.02
"""Between two attempts to get a lock that is waited for."""
KEEPALIVE = {"tcp_keepalives_idle": 30, "tcp_keepalives_interval": 10, "tcp_keepalives_count": 3}
"""Of the server, in seconds: after a minute without an answer a machine counts as gone."""
LOST = (
    "the connection that held the locks of the ledger was lost; "
    "`autoresearch run --resume STUDY` continues a study"
)
TAKE = text("SELECT pg_try_advisory_lock(:key)")
RELEASE = text("SELECT pg_advisory_unlock(:key)")
HELD = text(
    "SELECT (classid::bigint << 32) | objid::bigint AS key, application_name"
    " FROM pg_locks LEFT JOIN pg_stat_activity USING (pid)"
    " WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
"""A key is shown in two halves."""


class DatabaseLocks:
    """Session-level advisory locks; the processes of all machines that share a database.

    The server lets go of them when the connection ends. A lost connection is not opened again
    while something is locked, which may be another process's by then.
    """

    shared_by_machines = True

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: Connection | None = None
        self._mine: set[str] = set()
        self._using = threading.RLock()

    @contextmanager
    def exclusive(self, name: str) -> Iterator[None]:
        while not self._taken(name):
            time.sleep(PAUSE_S)
        try:
            yield
        finally:
            self._release(name)

    def take(self, name: str) -> Held:
        if not self._taken(name):
            holders = {row.key: row.application_name for row in self._rows(HELD)}
            raise HeldError(str(holders.get(_key(name)) or "?").removeprefix("autoresearch "))
        return _HeldKey(self, name)

    def held(self, names: Collection[str]) -> set[str]:
        if not names:
            return set()
        keys = {row.key for row in self._rows(HELD)}
        return {name for name in names if _key(name) in keys}

    def require_kept(self) -> None:
        self._rows(text("SELECT 1"))

    def _taken(self, name: str) -> bool:
        # the server would give a session its own lock again
        with self._using:
            if name in self._mine or not self._rows(TAKE, key=_key(name))[0][0]:
                return False
            self._mine.add(name)
            return True

    def _release(self, name: str) -> None:
        with self._using:
            if name in self._mine:
                self._mine.remove(name)
                # a lost connection holds nothing
                with suppress(MachineError):
                    self._rows(RELEASE, key=_key(name))

    def _rows(self, statement: Any, **values: int) -> list[Row[Any]]:
        with self._using:
            if self._kept and self._kept.invalidated:
                if self._mine:
                    raise MachineError(LOST)
                self._kept.close()
                self._kept = None
            self._kept = self._kept or self._connected()
            return list(self._kept.execute(statement, values))

    def _connected(self) -> Connection:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        for name, value in KEEPALIVE.items():
            connection.execute(text(f"SET {name} = {value}"))
        weakref.finalize(self, _close, connection)
        return connection


class _HeldKey:
    def __init__(self, locks: DatabaseLocks, name: str) -> None:
        self._locks, self._name = locks, name

    def release(self, *, for_good: bool = False) -> None:
        self._locks._release(self._name)  # noqa: SLF001


def _close(connection: Connection) -> None:
    with suppress(Exception):  # the server may be gone
        connection.close()


def _key(name: str) -> int:
    """64 bits with a sign, as the server wants it."""
    digest = hashlib.sha256(f"autoresearch/{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
