"""The launchers of an executor: a shared one, and one for an evaluation alone."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tracks.isolation.errors import EvaluationInterrupted, HarnessError
from tracks.isolation.launcher import Launcher


class Launchers:
    """Lends launchers to threads; `first` is shared until it breaks, `opened` makes the others.

    Both context managers raise HarnessError where no launcher can be started, and
    EvaluationInterrupted after `close`.
    """

    def __init__(self, first: Launcher, opened: Callable[[], Launcher] = Launcher) -> None:
        self._shared = first
        self._opened = opened
        self._alone: Launcher | None = None
        self._change = threading.Condition()
        self._sharing = 0
        self.waiting = 0
        """Evaluations that run alone, or wait for that."""
        self._closed = False

    @contextmanager
    def shared(self) -> Iterator[Launcher]:
        """The launcher of parallel evaluations; a broken one is replaced once nobody shares it."""
        with self._change:
            self._change.wait_for(lambda: self._closed or self._may_be_shared())
            self._require_open()
            if self._shared.broken:
                self._shared.close()
                self._shared = opened_by(self._opened)
            self._sharing += 1
            launcher = self._shared
        try:
            yield launcher
        finally:
            with self._change:
                self._sharing -= 1
                self._change.notify_all()

    @contextmanager
    def alone(self) -> Iterator[Launcher]:
        """A new launcher, while nothing else runs or starts."""
        with self._change:
            self.waiting += 1
            try:
                self._change.wait_for(lambda: self._closed or not (self._sharing or self._alone))
                self._require_open()
                # on a GPU idle trainers and hosts would keep most of the memory
                self._shared.workers.release()
                launcher = self._alone = opened_by(self._opened)
            except BaseException:
                self._no_longer_waiting()
                raise
        try:
            yield launcher
        finally:
            launcher.close()
            with self._change:
                self._alone = None
                self._no_longer_waiting()

    def close(self) -> None:
        """End all evaluations; threads that wait for a launcher are interrupted."""
        with self._change:
            self._closed = True
            self._change.notify_all()
            launchers = [self._shared, self._alone]
        for launcher in launchers:
            if launcher:
                launcher.close()

    def _may_be_shared(self) -> bool:
        # closing it would interrupt who still shares it
        return not self.waiting and not (self._shared.broken and self._sharing)

    def _no_longer_waiting(self) -> None:
        self.waiting -= 1
        self._change.notify_all()

    def _require_open(self) -> None:
        if self._closed:
            raise EvaluationInterrupted


def opened_by(opened: Callable[[], Launcher]) -> Launcher:
    """A new launcher. Raises HarnessError where the system starts none."""
    try:
        return opened()
    except OSError as error:
        raise HarnessError(f"no evaluation process can be started: {error}") from error
