"""A ledger on a PostgreSQL server, which the coordinators of several machines share."""

import os
import socket
import weakref
from functools import cache, cached_property, partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Engine, NullPool, create_engine, event, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import SQLAlchemyError

from agent.study.database_locks import DatabaseLocks
from agent.study.errors import MachineError, UserError
from agent.study.shared_folder import mark_shared, require_shared
from agent.study.storage_address import StorageAddress

if TYPE_CHECKING:
    from optuna.storages import RDBStorage

DRIVER = "postgresql+psycopg"
CONNECT_S = 10
"""How long the server has to answer."""
LEAST = 13
"""The oldest version of the server."""
REFUSED = (
    "authentication",
    "password",
    "does not exist",
    "permission",
    "pg_hba",
    "invalid",
    "name",
)
"""In messages for an address, a user or a password that is wrong."""
TEMPORARY = "Temporary failure"
"""In those of a name server that does not answer."""
CURE = "start the server or repair the network; `autoresearch run --resume STUDY` continues a study"


class Postgres:
    """The database at `address`, with files in `runs`; with `read_only` nothing is written.

    Everything that connects raises UserError or MachineError in place of the driver's errors.
    """

    def __init__(self, address: StorageAddress, runs: Path, *, read_only: bool) -> None:
        if find_spec("psycopg") is None:
            raise UserError(
                "a ledger on PostgreSQL needs the package psycopg: pip install "
                "'autoresearch[cluster]'"
            )
        self._address, self._runs, self._read_only = address, runs, read_only
        self._connecting = create_engine(
            _url(address), connect_args=_settings(address, read_only), poolclass=NullPool
        )
        self._listen(self._connecting)
        self.locks = DatabaseLocks(self._connecting)

    def exists(self) -> bool:
        """Whether it has the tables of a ledger."""
        with self._connecting.connect() as connection:
            found = connection.dialect.server_version_info or ()
            if found < (LEAST,):
                shown = ".".join(map(str, found))
                raise UserError(
                    f"the server of the ledger {self._address} is PostgreSQL {shown}; this program "
                    f"needs {LEAST} or newer"
                )
            return bool(connection.scalar(text("SELECT to_regclass('alembic_version')")))

    @cached_property
    def engine(self) -> Engine:
        if not self._read_only:
            return self.storage.engine
        require_shared(self._runs, self._connecting)
        engine = create_engine(
            _url(self._address),
            connect_args=_settings(self._address, read_only=True),
            # a reader holds no lock that a lost connection could cost it
            pool_pre_ping=True,
        )
        self._listen(engine)
        weakref.finalize(self, engine.dispose)
        return engine

    @cached_property
    def storage(self) -> "RDBStorage":
        if self._read_only:
            require_shared(self._runs, self._connecting)
            return self._opened(create=False)
        self.exists()
        mark_shared(self._runs, self._connecting, self.locks)
        # another coordinator may be creating the tables
        with self.locks.exclusive("tables.lock"):
            return self._opened(create=True)

    def _opened(self, *, create: bool) -> "RDBStorage":
        import optuna

        from agent.study.fast_storage import FastStorage

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        try:
            storage = FastStorage(
                _url(self._address).render_as_string(),
                engine_kwargs={
                    "connect_args": _settings(self._address, self._read_only),
                    "pool_pre_ping": self._read_only,
                },
                skip_table_creation=not create,
                skip_compatibility_check=not create,
            )
        except (SQLAlchemyError, RuntimeError) as error:
            raise failure(self._address, error) from error
        self._listen(storage.engine)
        weakref.finalize(storage, storage.engine.dispose)
        return storage

    def _listen(self, engine: Engine) -> None:
        event.listen(engine, "handle_error", partial(_raise_failure, self._address))


@cache
def postgres(address: StorageAddress, runs: Path, *, read_only: bool) -> Postgres:
    """One for each address in a process, which is one holder of locks."""
    return Postgres(address, runs, read_only=read_only)


def _url(address: StorageAddress) -> URL:
    """Without the password, so that nothing that shows it shows that."""
    return make_url(address.url).set(drivername=DRIVER)


def _settings(address: StorageAddress, read_only: bool) -> dict[str, str | int]:
    """Of a connection."""
    settings: dict[str, str | int] = {
        "connect_timeout": CONNECT_S,
        "application_name": f"autoresearch {socket.gethostname()} {os.getpid()}",
    }
    if read_only:
        settings["options"] = "-c default_transaction_read_only=on"
    return settings | ({"password": address.password} if address.password else {})


def _raise_failure(address: StorageAddress, context: ExceptionContext) -> None:
    """A connection that could not be opened, or was lost."""
    if context.connection is None or context.is_disconnect:
        raise failure(address, context.original_exception)


def failure(address: StorageAddress, error: BaseException) -> UserError | MachineError:
    """What to tell of an error of the driver; a UserError where only the user can repair it."""
    cause: BaseException = getattr(error, "orig", None) or error
    reason = " ".join(str(cause).split()) or type(cause).__name__
    if address.password:
        reason = reason.replace(address.password, "***")
    line = f"the ledger {address} cannot be reached: {reason}"
    refused = any(word in reason for word in REFUSED) and TEMPORARY not in reason
    if refused or isinstance(error, RuntimeError):
        return UserError(line)
    return MachineError(f"{line}; {CURE}")
