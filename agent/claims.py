"""Who works on which trial: locks that end with their process, so that many can share a study."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from optuna.trial import FrozenTrial, TrialState

from agent.ledger import StudyLedger

FILE = "claim"


class Claims:
    """The trials that this process works on; use it as a context manager, which lets go of them."""

    def __init__(self, ledger: StudyLedger) -> None:
        self._ledger = ledger
        self._held: dict[int, IO[str]] = {}

    def __enter__(self) -> "Claims":
        return self

    def __exit__(self, *error: object) -> None:
        for file in self._held.values():
            file.close()
        self._held.clear()

    @contextmanager
    def deciding(self) -> Iterator[None]:
        """Nobody else claims a trial of this study meanwhile; keep it short."""
        self._ledger.folder.mkdir(parents=True, exist_ok=True)
        with open(self._ledger.folder / "claims.lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def take(self, number: int) -> bool:
        """Claim a trial; False where it is somebody's. Call it while deciding."""
        path = self._path(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        file = open(path, "w")  # noqa: SIM115
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._held[number] = file
        return True

    def release(self, number: int) -> None:
        """The trial is told: nobody needs to claim it any more."""
        if number in self._held:
            self._path(number).unlink(missing_ok=True)
            self._held.pop(number).close()

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
