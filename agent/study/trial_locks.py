"""Which process works on which trial: locks that end with their process."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

from agent.study.locks import Held
from agent.study.records import Trial
from agent.study.study import Study
from agent.study.trials import RunningTrial

ELSEWHERE_S = 0.5
"""Between two questions whether other coordinators still have trials."""
MAX_BEGINNINGS = 3
"""A trial that took this many processes down with it is not evaluated again."""


class TrialLocks:
    """The trials that this process works on; leaving the context lets go of them.

    A process that lets go of a trial by itself takes its beginning back, so that only killed
    processes are counted.
    """

    def __init__(self, study: Study) -> None:
        self._study, self._locks = study, study.locks
        self._held: dict[int, tuple[RunningTrial, Held]] = {}
        self._elsewhere = False

    def __enter__(self) -> "TrialLocks":
        return self

    def __exit__(self, *error: object) -> None:
        for trial, lock in self._held.values():
            # the ledger may be what failed, and the trial may have ended
            with suppress(Exception):
                trial.count_beginning(-1)
            with suppress(Exception):
                lock.release()
        self._held.clear()

    def deciding(self) -> AbstractContextManager[None]:
        """No other process takes a trial of this study meanwhile; keep it short."""
        return self._locks.exclusive(f"{self._study.name}/trials.lock")

    def take(self, trial: RunningTrial) -> None:
        """Lock a trial, while deciding, and count its beginning. Raises HeldError."""
        self._held[trial.number] = (trial, self._locks.take(self._name(trial.number)))
        trial.count_beginning()

    def may_take(self, left_over: Trial) -> bool:
        """Whether this process can take an abandoned trial now.

        Of those that were held when a process was killed it works on one at a time: if one of them
        kills this process too, the others are not counted with it.
        """
        held = (trial.record() for trial, _ in self._held.values())
        return not left_over.beginnings or all(trial.beginnings < 2 for trial in held)

    @contextmanager
    def ending(self, number: int) -> Iterator[None]:
        """Around the end of a trial. Raises MachineError where another process may have it."""
        self._locks.require_kept()
        yield
        self.release(number)

    def release(self, number: int) -> None:
        """The trial has ended: no process needs its lock any more."""
        if number in self._held:
            self._held.pop(number)[1].release(for_good=True)

    def abandoned(self) -> list[Trial]:
        """Running trials that no process works on. Call it while deciding."""
        return self._standing()[1]

    def wait_elsewhere(self) -> bool:
        """Wait a moment, if coordinators of other machines had trials when this one last asked.

        One of them may be killed, and its trials are then to be taken here.
        """
        if not (self._elsewhere and self._locks.shared_by_machines):
            return False
        time.sleep(ELSEWHERE_S)
        self._standing()
        return True

    def taken(self) -> int:
        """Trials of the budget that are finished, or that a process works on."""
        return self._standing()[0]

    def _standing(self) -> tuple[int, list[Trial]]:
        """The number of trials that are taken, and running ones that no process works on."""
        finished, running = self._study.standing()
        others = [trial for trial in running if trial.number not in self._held]
        held = self._locks.held([self._name(trial.number) for trial in others])
        self._elsewhere = bool(held)
        free = [trial for trial in others if self._name(trial.number) not in held]
        if free:
            # a process lets go of a trial once it has ended
            running_still = {trial.number for trial in self._study.standing()[1]}
            free = [trial for trial in free if trial.number in running_still]
        return finished + len(running) - len(free), free

    def _name(self, number: int) -> str:
        folder = self._study.trial_folder(number)
        return f"{self._study.name}/{folder.relative_to(self._study.folder)}/lock"
