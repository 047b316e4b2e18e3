"""One study: its settings, its trials in Optuna's storage, and its files.

A trial is finished when Optuna says so, and that is written last; everything else can be redone.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.study.counts import Counts, counts
from agent.study.damaged_rows import reading
from agent.study.database import Database
from agent.study.errors import UserError
from agent.study.evaluation_store import EvaluationStore
from agent.study.locks import Held, HeldError
from agent.study.records import Ending, FinishedTrial, Queued, Status, Trial
from agent.study.schema_version import require_this_version
from agent.study.settings import Overrides, Settings, Stage
from agent.study.study_row import SETTINGS, StudyRow
from agent.study.trial_table import TrialTable
from tracks.registry import remember_file

if TYPE_CHECKING:
    from optuna import Study as OptunaStudy
    from optuna import Trial as OptunaTrial
    from optuna.pruners import BasePruner
    from optuna.samplers import BaseSampler

    from agent.study.trials import RunningTrial

OVERRIDES = "overrides"


class Study:
    """One study of a ledger; with `read_only` its trials are read once."""

    def __init__(
        self,
        name: str,
        database: Database,
        runs: Path,
        store: EvaluationStore,
        *,
        read_only: bool = False,
    ) -> None:
        self.name = name
        self._database, self.locks = database, database.locks
        self.runs, self.folder = runs, runs / name
        self.store = store
        self.leads = False
        """Whether this process holds the study, and so may judge it."""
        self._read_only, self._was_read = read_only, False
        self._row = StudyRow(database.engine, name)
        self._table = TrialTable(database.engine, self._row.id)
        kept = self._row.attributes()
        with reading(f"study {name}"):
            require_this_version(name, kept)
            self.settings = Settings.from_json(kept[SETTINGS])
        if file := self.track_file:
            remember_file(self.settings.track, file)

    @cached_property
    def optuna(self) -> "OptunaStudy":
        """The same as Optuna has it, which what only reads a study does not need."""
        import optuna

        return optuna.load_study(study_name=self.name, storage=self._database.storage)

    @property
    def track_file(self) -> Path | None:
        """The file of a track of the user's own."""
        file = self.settings.track_file
        # `runs/` is in the workspace
        return self.runs.parent / file if file else None

    def set_budget(self, budget: int) -> None:
        self.settings = replace(self.settings, budget=budget)
        self.note(SETTINGS, self.settings.to_json())

    @property
    def overrides(self) -> Overrides:
        with reading(f"study {self.name}"):
            return Overrides(**self._row.attributes().get(OVERRIDES, {}))

    def override(self, **given: Any) -> Overrides:
        """Keep the options that are not None for this run and later ones; returns all."""
        before = self.overrides
        changed = {name: value for name, value in given.items() if value is not None}
        kept = Overrides(**before.to_json() | changed)
        if kept.to_json() != before.to_json():
            self.note(OVERRIDES, kept.to_json())
        return kept

    @property
    def stage(self) -> Stage:
        with reading(f"study {self.name}"):
            return Stage(self._row.attributes().get("stage", Stage.SEARCH))

    @stage.setter
    def stage(self, stage: Stage) -> None:
        self.note("stage", stage)

    def every_trial(self) -> list[Trial]:
        """All of them, duplicates included, in order."""
        self._read()
        return sorted([*self._table.ended, *self._table.open], key=lambda trial: trial.number)

    def open_trials(self, status: Status) -> list[Trial]:
        """Those that wait or run, in order."""
        self._read()
        return [trial for trial in self._table.open if trial.status is status]

    def standing(self) -> tuple[int, list[Trial]]:
        """How many trials are finished and which run, of one moment: others may end them."""
        self._read()
        finished, unfinished = self._table.standing
        return finished, [trial for trial in unfinished if trial.status is Status.RUNNING]

    def finished(self) -> list[FinishedTrial]:
        self._read()
        return list(self._table.finished)

    def pruned(self) -> list[FinishedTrial]:
        """Those that the ladder stopped below their full run."""
        return [trial for trial in self.finished() if trial.outcome.state is Ending.PRUNED]

    def failed(self) -> list[FinishedTrial]:
        """Those that ended without a value, and were not stopped by the ladder."""
        ended = [trial for trial in self.finished() if not trial.complete]
        return [trial for trial in ended if trial.outcome.state is not Ending.PRUNED]

    def ranked(self) -> list[FinishedTrial]:
        """Complete trials, the best first and the earliest of equals."""
        self._read()
        return list(self._table.ranked)

    def counts(self) -> Counts:
        """How the finished trials ended, as the storage has it now."""
        return counts(self._database.engine, self._row.id)

    def best(self) -> FinishedTrial | None:
        """The complete trial with the lowest value; the earliest of equals."""
        return next(iter(self.ranked()), None)

    def trial_of(self, digest: str, but: int | None = None) -> Trial | None:
        """The first trial that proposed this file, if it is not trial `but`; no duplicates."""
        self._read()
        proposed = self._table.proposed(digest)
        return next((trial for trial in proposed if trial.number != but), None)

    def _read(self) -> None:
        if not (self._read_only and self._was_read):
            self._table.read()
            self._was_read = True

    def search_with(self, sampler: "BaseSampler", pruner: "BasePruner") -> None:
        self.optuna.sampler, self.optuna.pruner = sampler, pruner

    def enqueue(
        self, params: Mapping[str, Any], queued: Queued | None = None, *, once: bool = False
    ) -> None:
        """Queue a trial of these parameters; with `once`, unless the study has one of the same."""
        about = {"queued": queued.to_json()} if queued else None
        # another coordinator may be queueing the same
        with self.locks.exclusive(f"{self.name}/queue.lock"):
            self.optuna.enqueue_trial(dict(params), user_attrs=about, skip_if_exists=once)

    def ask(self) -> "RunningTrial":
        """The next trial that is queued, or a new one to be sampled."""
        return self._running(self.optuna.ask())

    def new_trial(self) -> "RunningTrial":
        """A running trial with nothing sampled, whatever is queued."""
        return self._stored(self._database.storage.create_new_trial(self._row.id))

    def resumed_trial(self, number: int) -> "RunningTrial":
        """A trial that an earlier process left running."""
        find = self._database.storage.get_trial_id_from_study_id_trial_number
        return self._stored(find(self._row.id, number))

    def _stored(self, trial_id: int) -> "RunningTrial":
        import optuna

        self.optuna.get_trials(deepcopy=False)  # the storage's cache must have read the trial
        return self._running(optuna.Trial(self.optuna, trial_id))

    def _running(self, trial: "OptunaTrial") -> "RunningTrial":
        from agent.study.trials import RunningTrial

        return RunningTrial(self.optuna, trial, self._table)

    def trial_folder(self, number: int) -> Path:
        return self.folder / "trials" / f"{number:04d}"

    def notes(self, prefix: str) -> dict[str, Any]:
        """What was kept with the study in the database under names that begin with `prefix`."""
        kept = self._row.attributes().items()
        return {name: value for name, value in kept if name.startswith(prefix)}

    def note(self, name: str, value: Any) -> None:
        """Keep this with the study in the database."""
        self.optuna.set_user_attr(name, value)

    def is_locked(self) -> bool:
        """Whether a process is running this study now."""
        return bool(self.locks.held([f"{self.name}/lock"]))

    @contextmanager
    def leading(self) -> Iterator[str | None]:
        """Hold the study for this process; else what is yielded names the process that holds it.

        The system lets go of it however the process ends.
        """
        if self.leads:
            yield None
            return
        lock, other = self._taken()
        if lock is None:
            yield other
            return
        self.leads = True
        try:
            yield None
        finally:
            self.leads = False
            lock.release()

    def _taken(self) -> tuple[Held | None, str]:
        """The study's lock, or the process that has it."""
        try:
            return self.locks.take(f"{self.name}/lock"), ""
        except HeldError as error:
            return None, error.holder

    @contextmanager
    def locked(self, *, join: bool = False) -> Iterator[None]:
        """Hold the study. Raises UserError where another process does.

        With `join` this process works beside that one, where machines share the ledger.
        """
        with self.leading() as other:
            if other and not (join and self.locks.shared_by_machines):
                raise UserError(
                    f"study {self.name} is being run by process {other}; "
                    "wait for it, or start another with --study NAME"
                )
            yield
