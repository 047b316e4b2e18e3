"""The ledger: all studies of a workspace, in `runs/ledger.db` with their files beside it."""

import re
from functools import cached_property
from itertools import count

import optuna
from optuna.storages import RDBStorage

from agent.study.database import readable, writable
from agent.study.errors import UserError
from agent.study.evaluation_store import EvaluationStore
from agent.study.locks import exclusive
from agent.study.schema_version import ATTRIBUTE, this_version
from agent.study.settings import Settings
from agent.study.study import SETTINGS, Study
from agent.study.workspace import Workspace

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class Ledger:
    """All studies of a workspace; with `read_only` nothing is written there, not even a lock."""

    def __init__(self, workspace: Workspace, *, read_only: bool = False) -> None:
        self._workspace, self._runs = workspace, workspace.runs
        self._file = self._runs / "ledger.db"
        self._read_only = read_only

    def names(self) -> list[str]:
        if not self._file.exists():
            return []
        studies = self._storage.get_all_studies()
        # one without settings was killed while it was being created: it never began
        return sorted(s.study_name for s in studies if SETTINGS in s.user_attrs)

    def create(self, name: str | None, settings: Settings) -> Study:
        """A new study; without a name, the track's with the next free number."""
        self._workspace.writable_runs()
        name = self._next_name(settings.track) if name is None else name
        if not NAME.fullmatch(name):
            raise UserError(
                f"study name {name!r}: expected 1 to 64 letters, digits, '-' and '_', "
                "beginning with a letter or digit"
            )
        if name not in self.names() and self._left_over(name):
            raise UserError(
                f"{self._runs / name} has files of a study that the ledger does not have: move "
                "that folder away, or choose another name with --study"
            )
        with exclusive(self._runs / "create.lock"):
            if name in self.names():
                raise UserError(
                    f"study {name} exists already; continue with --resume {name}, or choose "
                    "another name"
                )
            study = optuna.create_study(
                storage=self._storage, study_name=name, direction="minimize", load_if_exists=True
            )
            study.set_user_attr(ATTRIBUTE, this_version())
            # last: without settings a study has not begun
            study.set_user_attr(SETTINGS, settings.to_json())
        return self._open(study)

    def all(self) -> list[Study]:
        return [self._load(name) for name in self.names()]

    def open(self, name: str) -> Study:
        names = self.names()
        if name not in names:
            known = ", ".join(names) if names else "none yet"
            raise UserError(f"no study named {name!r}; there are: {known}")
        return self._load(name)

    def _next_name(self, track: str) -> str:
        taken = set(self.names())
        names = (f"{track}-{number}" for number in count(1))
        return next(n for n in names if n not in taken and not self._left_over(n))

    def _left_over(self, name: str) -> bool:
        """Whether files of a study with this name are there, which a new one would take for its."""
        return any((self._runs / name).glob("*"))

    @cached_property
    def _storage(self) -> RDBStorage:
        return readable(self._file) if self._read_only else writable(self._file)

    def _load(self, name: str) -> Study:
        return self._open(optuna.load_study(study_name=name, storage=self._storage))

    def _open(self, study: optuna.Study) -> Study:
        store = EvaluationStore(self._runs / "evaluations")
        folder = self._runs / study.study_name
        return Study(study, self._storage, folder, store, read_only=self._read_only)
