"""Which process works on which trial: locks that end with their process."""

from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import IO

from agent.study.locks import HeldError, exclusive, is_held, take
from agent.study.records import Status, Trial
from agent.study.study import Study
from agent.study.trials import RunningTrial

MAX_BEGINNINGS = 3
"""A trial that took this many processes down with it is not evaluated again."""


class TrialLocks:
    """The trials that this process works on; leaving the context lets go of them.

    A process that lets go of a trial by itself takes its beginning back, so that only killed
    processes are counted.
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self._held: dict[int, tuple[RunningTrial, IO[str]]] = {}

    def __enter__(self) -> "TrialLocks":
        return self

    def __exit__(self, *error: object) -> None:
        for trial, file in self._held.values():
            # the ledger may be what failed, and the trial may have ended
            with suppress(Exception):
                trial.count_beginning(-1)
            file.close()
        self._held.clear()

    def deciding(self) -> AbstractContextManager[None]:
        """No other process takes a trial of this study meanwhile; keep it short."""
        return exclusive(self._study.folder / "trials.lock")

    def take(self, trial: RunningTrial) -> bool:
        """Lock a trial and count its beginning; False where a process has it.

        Call it while deciding.
        """
        try:
            file = take(self._path(trial.number))
        except HeldError:
            return False
        self._held[trial.number] = (trial, file)
        trial.count_beginning()
        return True

    def may_take(self, left_over: Trial) -> bool:
        """Whether this process can take an abandoned trial now.

        Of those that were held when a process was killed it works on one at a time: if one of them
        kills this process too, the others are not counted with it.
        """
        held = (trial.record() for trial, _ in self._held.values())
        return not left_over.beginnings or all(trial.beginnings < 2 for trial in held)

    def release(self, number: int) -> None:
        """The trial has ended: no process needs its lock any more."""
        if number in self._held:
            self._path(number).unlink(missing_ok=True)
            self._held.pop(number)[1].close()

    def abandoned(self) -> list[Trial]:
        """Running trials that no process works on. Call it while deciding."""
        running = self._study.trials(Status.RUNNING)
        free = [trial for trial in running if trial.number not in self._held]
        return [trial for trial in free if not is_held(self._path(trial.number))]

    def taken(self) -> int:
        """Trials of the budget that are finished, or that a process works on."""
        running = len(self._study.trials(Status.RUNNING)) - len(self.abandoned())
        return len(self._study.finished()) + running

    def _path(self, number: int) -> Path:
        return self._study.trial_folder(number) / "lock"
