"""The ledger: all studies of a workspace, in a database, with their files in `runs/`."""

import re
from itertools import count
from typing import TYPE_CHECKING

from agent.study.database import Database, Sqlite
from agent.study.errors import UserError
from agent.study.evaluation_store import EvaluationStore
from agent.study.schema_version import ATTRIBUTE, this_version
from agent.study.settings import Settings
from agent.study.storage_address import VARIABLE, StorageAddress
from agent.study.study import Study
from agent.study.study_row import SETTINGS, study_names
from agent.study.workspace import EMBEDDED, EVALUATIONS, MARK, SETTINGS_FILE, Workspace

if TYPE_CHECKING:
    from sqlalchemy import Engine

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class Ledger:
    """All studies of a workspace; with `read_only` nothing is written there, not even a lock."""

    def __init__(self, workspace: Workspace, *, read_only: bool = False) -> None:
        self._workspace, self.runs = workspace, workspace.runs
        self._read_only = read_only
        self._database = _database(workspace, read_only)

    def __str__(self) -> str:
        where = self._workspace.storage
        return str(StorageAddress.parse(where)) if where else str(self._workspace.root)

    @property
    def engine(self) -> "Engine":
        """Of its database."""
        return self._database.engine

    def names(self) -> list[str]:
        if not self._database.exists():
            return []
        return study_names(self._database.engine)

    def create(self, name: str | None, settings: Settings) -> Study:
        """A new study; without a name, the track's with the next free number."""
        self._workspace.writable_runs()
        with self._database.locks.exclusive("create.lock"):
            name = self._next_name(settings.track) if name is None else name
            self._require_free(name)
            import optuna

            study = optuna.create_study(
                storage=self._database.storage,
                study_name=name,
                direction="minimize",
                load_if_exists=True,
            )
            study.set_user_attr(ATTRIBUTE, this_version())
            # last: without settings a study has not begun
            study.set_user_attr(SETTINGS, settings.to_json())
        return self._open(name)

    def _require_free(self, name: str) -> None:
        """Raise UserError where a new study cannot have this name."""
        if not NAME.fullmatch(name):
            raise UserError(
                f"study name {name!r}: expected 1 to 64 letters, digits, '-' and '_', "
                "beginning with a letter or digit"
            )
        if name in self.names():
            raise UserError(
                f"study {name} exists already; continue with --resume {name}, or choose "
                "another name"
            )
        if self._left_over(name):
            raise UserError(
                f"{self.runs / name} has files of a study that the ledger does not have: move "
                "that folder away, or choose another name with --study"
            )

    def all(self) -> list[Study]:
        return [self._open(name) for name in self.names()]

    def open(self, name: str) -> Study:
        names = self.names()
        if name not in names:
            known = ", ".join(names) if names else "none yet"
            raise UserError(f"no study named {name!r}; there are: {known}")
        return self._open(name)

    def _next_name(self, track: str) -> str:
        taken = set(self.names())
        names = (f"{track}-{number}" for number in count(1))
        return next(n for n in names if n not in taken and not self._left_over(n))

    def _left_over(self, name: str) -> bool:
        """Whether files of a study with this name are there, which a new one would take for its."""
        return any((self.runs / name).glob("*"))

    def _open(self, name: str) -> Study:
        store = EvaluationStore(self.runs / EVALUATIONS)
        return Study(name, self._database, self.runs, store, read_only=self._read_only)


def _database(workspace: Workspace, read_only: bool) -> Database:
    if not workspace.storage:
        if (workspace.root / MARK).exists():
            raise UserError(
                f"the ledger of {workspace.root} is on a server: give its address as --storage or "
                f"{VARIABLE}, or in {SETTINGS_FILE}"
            )
        return Sqlite(workspace.root / EMBEDDED, read_only=read_only)
    # SQLAlchemy, which Optuna loads when it opens a database
    from agent.study.postgres import postgres

    address = StorageAddress.parse(workspace.storage)
    return postgres(address, workspace.runs, read_only=read_only)
