"""The ledger: Optuna's storage in `runs/ledger.db`, and each study's files beside it.

A trial is finished when Optuna says so, and that is written last; everything else can be redone.
"""

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, Literal

import optuna
from optuna.trial import FrozenTrial, TrialState

from agent.study.database import readable, writable
from agent.study.errors import UnreadableFileError, UserError
from agent.study.evaluation_store import EvaluationStore
from agent.study.locks import exclusive
from agent.study.schema_version import ATTRIBUTE, require_this_version, this_version
from agent.study.workspace import Workspace, read_json, write_json
from tracks.base import Objective, Proxy
from tracks.device import CPU

SCHEMA_VERSION = 1
SamplerName = Literal["tpe", "random"]
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
DUPLICATE = "duplicate"
PRUNED = "pruned"
REJECTED = "rejected"


class Stage(StrEnum):
    """How far a study has come."""

    SEARCH = "search"
    CONFIRM = "confirm"
    ABLATE = "ablate"
    COMPARE = "compare"
    PUBLISH = "publish"
    DONE = "done"


@dataclass(frozen=True)
class Settings:
    """What was asked for; fixed when a study is created, but for the budget."""

    track: str
    objective: Objective
    budget: int
    seed: int
    seeds: int
    """Confirmation instances, at most."""
    scale: str
    sampler: SamplerName = "tpe"
    recipes: bool = True
    """Whether the published recipes are tried first."""
    ladder: tuple[Proxy, ...] = ()
    """What a trial must pass before its full run, as the track had it when the study began."""
    tuned: str | None = None
    """The baseline whose numbers alone are searched; None where everything is."""
    device: str = CPU
    """The kind of device of all that is compared: cpu, cuda or mps."""
    official_device: str = CPU
    """That of published figures: the CPU, unless a device was asked for by name."""
    min_effect: float = 0.0
    """A challenger must be better than the incumbent by more than this, in the verdict's unit."""


class StudyLedger:
    """One study: its settings, trials and files; with `read_only` its trials are read once."""

    def __init__(
        self,
        study: optuna.Study,
        folder: Path,
        store: EvaluationStore,
        *,
        read_only: bool = False,
    ) -> None:
        self.study = study
        self._read_only = read_only
        self._kept: list[FrozenTrial] | None = None
        self.folder = folder
        self.store = store
        self._entered: tuple[Stage, float] | None = None
        require_this_version(study.study_name, study.user_attrs)
        recorded = study.user_attrs["settings"]
        known = {f.name for f in fields(Settings)}
        kept = {name: value for name, value in recorded.items() if name in known}
        kept["ladder"] = tuple(Proxy(**proxy) for proxy in kept.get("ladder", ()))
        self.settings = Settings(**kept)

    @property
    def name(self) -> str:
        return self.study.study_name

    def set_budget(self, budget: int) -> None:
        self.settings = replace(self.settings, budget=budget)
        self.study.set_user_attr("settings", asdict(self.settings))

    def wishes(self, **asked: Any) -> dict[str, Any]:
        """What was asked for now, else what was asked for before; kept for the next time."""
        before = self.study.user_attrs.get("wishes", {})
        kept: dict[str, Any] = before | {
            name: value for name, value in asked.items() if value is not None
        }
        if kept != before:
            self.study.set_user_attr("wishes", kept)
        return kept

    @property
    def stage(self) -> Stage:
        return Stage(self.study.user_attrs.get("stage", Stage.SEARCH))

    def set_stage(self, stage: Stage) -> None:
        """Begin a stage; the time since the one before began in this process counts for that."""
        now = time.monotonic()
        if self._entered:
            before, since = self._entered
            spent = self.stages_s.get(before, 0.0) + now - since
            self.study.set_user_attr("stages_s", self.stages_s | {before: spent})
        self._entered = (stage, now)
        self.study.set_user_attr("stage", stage)

    @property
    def stages_s(self) -> dict[str, float]:
        """Seconds of wall-clock time by stage, over all runs of the study."""
        spent: dict[str, float] = self.study.user_attrs.get("stages_s", {})
        return spent

    def trials(self, *states: TrialState) -> list[FrozenTrial]:
        """Trials that count towards the budget, in order; duplicates do not."""
        return [
            trial
            for trial in self.every_trial()
            if trial_state(trial) != DUPLICATE and (not states or trial.state in states)
        ]

    def every_trial(self) -> list[FrozenTrial]:
        """All of them, duplicates and those that run too, in order."""
        if self._kept is not None:
            return self._kept
        found = self.study.get_trials(deepcopy=False)
        self._kept = found if self._read_only else None
        return found

    def finished(self) -> list[FrozenTrial]:
        return self.trials(TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)

    def pruned(self) -> list[FrozenTrial]:
        """Trials that the ladder stopped below their full run."""
        return [trial for trial in self.finished() if trial_state(trial) == PRUNED]

    def failed(self) -> list[FrozenTrial]:
        """Trials that ended without a value, and not because the ladder stopped them."""
        others = self.trials(TrialState.PRUNED, TrialState.FAIL)
        return [trial for trial in others if trial_state(trial) != PRUNED]

    def best(self) -> FrozenTrial | None:
        """The complete trial with the lowest value; the earliest of equals."""
        return next(iter(self.ranked()), None)

    def ranked(self) -> list[FrozenTrial]:
        """Complete trials, the best first and the earliest of equals."""
        complete = self.trials(TrialState.COMPLETE)
        return sorted(complete, key=lambda t: (t.values[0], t.number))

    def trial_of(self, digest: str, but: int | None = None) -> FrozenTrial | None:
        """The first trial that proposed this file, if it is not trial `but`; no duplicates."""
        for trial in self.trials():
            known = trial.user_attrs.get("proposal", {}).get("digest")
            if known == digest and trial.number != but:
                return trial
        return None

    def new_trial(self) -> optuna.Trial:
        """A running trial with nothing sampled; asking the study would give what is queued."""
        storage = self.study._storage
        return optuna.Trial(self.study, storage.create_new_trial(self.study._study_id))

    def trial(self, left_over: FrozenTrial) -> optuna.Trial:
        """A trial that an earlier process left running, to go on with."""
        return optuna.Trial(self.study, left_over._trial_id)

    def trial_folder(self, number: int) -> Path:
        return self.folder / "trials" / f"{number:04d}"

    def write(self, name: str, content: Any) -> None:
        """Keep the record of a stage as `<name>.json`."""
        write_json(self.folder / f"{name}.json", {"schema_version": SCHEMA_VERSION, **content})

    def read(self, name: str) -> Any:
        """The record of a stage; None without one. Raises UnreadableFileError."""
        again = f"remove it, and `autoresearch run --resume {self.name}` makes it again"
        # without what the comparisons have spent, the study would err more often than it says
        spent = "restore it from a copy, or begin another study"
        cure = spent if name == "alpha" else again
        record = read_json(self.folder / f"{name}.json", cure)
        if not isinstance(record, dict | None):
            raise UnreadableFileError(f"{self.folder / name}.json is damaged: no record; {cure}")
        return record

    def ablation(self) -> Any:
        """The record of the ablation; None without one, or with one of before parts were judged."""
        record = self.read("ablation")
        return record if record and "simplified" in record else None

    def earlier_verdicts(self) -> list[dict[str, Any]]:
        """Of trials that were accepted before a better one was judged."""
        kept: list[dict[str, Any]] = (self.read("earlier") or {"verdicts": []})["verdicts"]
        return kept

    def notes(self, prefix: str) -> dict[str, Any]:
        """What was kept with the study in the database under names that begin with `prefix`."""
        kept = self.study.user_attrs.items()
        return {name: value for name, value in kept if name.startswith(prefix)}

    def note(self, name: str, value: Any) -> None:
        """Keep this with the study in the database."""
        self.study.set_user_attr(name, value)

    def is_locked(self) -> bool:
        """Whether a process is running this study now."""
        try:
            with open(self.folder / "lock") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the study for this process; the system lets go of it however the process ends."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "lock", "a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.seek(0)
                raise UserError(
                    f"study {self.name} is being run by process {file.read().strip() or '?'}; "
                    "wait for it, or start another with --study NAME"
                ) from error
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield


class Ledger:
    """All studies of a workspace; with `read_only` nothing is written there, not even a lock."""

    def __init__(self, workspace: Workspace, *, read_only: bool = False) -> None:
        self._runs = workspace.runs
        self._workspace = workspace
        self._read_only = read_only

    def names(self) -> list[str]:
        if not self._file.exists():
            return []
        studies = self._storage.get_all_studies()
        # one without settings was killed while it was being created: it never began
        return sorted(s.study_name for s in studies if "settings" in s.user_attrs)

    def create(self, name: str | None, settings: Settings) -> StudyLedger:
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
                    f"study {name} exists already; go on with --resume {name}, or choose another "
                    "name"
                )
            study = optuna.create_study(
                storage=self._storage, study_name=name, direction="minimize", load_if_exists=True
            )
            study.set_user_attr(ATTRIBUTE, this_version())
            # last: without settings a study has not begun
            study.set_user_attr("settings", asdict(settings))
        return self._open(study)

    def all(self) -> list[StudyLedger]:
        return [self._load(name) for name in self.names()]

    def open(self, name: str) -> StudyLedger:
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

    @property
    def _file(self) -> Path:
        return self._runs / "ledger.db"

    @cached_property
    def _storage(self) -> optuna.storages.RDBStorage:
        return readable(self._file) if self._read_only else writable(self._file)

    def _load(self, name: str) -> StudyLedger:
        return self._open(optuna.load_study(study_name=name, storage=self._storage))

    def _open(self, study: optuna.Study) -> StudyLedger:
        store = EvaluationStore(self._runs / "evaluations")
        folder = self._runs / study.study_name
        return StudyLedger(study, folder, store, read_only=self._read_only)


def trial_state(trial: FrozenTrial) -> str:
    """How a trial ended, in our words; empty while it runs."""
    state: str = trial.user_attrs.get("outcome", {}).get("state", "")
    return state
