"""Who works on which trial: locks that end with their process, so that many can share a study."""

import fcntl
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import IO

import optuna
from optuna.trial import FrozenTrial, TrialState

from agent.study.ledger import StudyLedger
from agent.study.locks import exclusive

FILE = "claim"
BEGUN = "begun"
"""How many processes have begun a trial and were killed, or hold it now; kept with the trial."""
MAX_BEGINNINGS = 3
"""A trial that took this many processes down with it is not evaluated again."""


def begun(trial: optuna.Trial | FrozenTrial) -> int:
    """How often a trial was begun; a process that ends by itself takes its beginning back."""
    return int(trial.user_attrs.get(BEGUN, 0))


class Claims:
    """The trials that this process works on; use it as a context manager, which lets go of them."""

    def __init__(self, ledger: StudyLedger) -> None:
        self._ledger = ledger
        self._held: dict[int, tuple[optuna.Trial, IO[str]]] = {}

    def __enter__(self) -> "Claims":
        return self

    def __exit__(self, *error: object) -> None:
        for trial, file in self._held.values():
            # the ledger may be what failed, and the trial may have ended
            with suppress(Exception):
                trial.set_user_attr(BEGUN, begun(trial) - 1)
            file.close()
        self._held.clear()

    def deciding(self) -> AbstractContextManager[None]:
        """Nobody else claims a trial of this study meanwhile; keep it short."""
        return exclusive(self._ledger.folder / "claims.lock")

    def take(self, trial: optuna.Trial) -> bool:
        """Claim a trial and count its beginning; False where it is somebody's.

        Call it while deciding.
        """
        path = self._path(trial.number)
        path.parent.mkdir(parents=True, exist_ok=True)
        file = open(path, "w")  # noqa: SIM115
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._held[trial.number] = (trial, file)
        trial.set_user_attr(BEGUN, begun(trial) + 1)
        return True

    def may_take(self, left_over: FrozenTrial) -> bool:
        """Whether this process can take an abandoned trial now.

        Of those that were held when a process was killed it works on one at a time: if one of them
        kills this process too, the others are not counted with it.
        """
        return not begun(left_over) or all(begun(trial) < 2 for trial, _ in self._held.values())

    def release(self, number: int) -> None:
        """The trial is told: nobody needs to claim it any more."""
        if number in self._held:
            self._path(number).unlink(missing_ok=True)
            self._held.pop(number)[1].close()

    def abandoned(self) -> list[FrozenTrial]:
        """Trials that are said to run, but that nobody works on. Call it while deciding."""
        running = self._ledger.trials(TrialState.RUNNING)
        return [trial for trial in running if not self._is_held(trial.number)]

    def taken(self) -> int:
        """Trials of the budget that are finished or worked on, by whomever."""
        running = len(self._ledger.trials(TrialState.RUNNING)) - len(self.abandoned())
        return len(self._ledger.finished()) + running

    def _is_held(self, number: int) -> bool:
        if number in self._held:
            return True
        try:
            with open(self._path(number), "r+") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def _path(self, number: int) -> Path:
        return self._ledger.trial_folder(number) / FILE
