"""Which tests may start processes, and one launcher for every verb that a test calls."""

import sys
import threading
from collections.abc import Callable
from typing import Any, NoReturn, Self

from tracks.isolation.launcher import Launcher

MARK = "processes"
STARTED_BY = {"launcher", "finished_runs", "repository", "server"}
"""Fixtures that start processes: a test that asks for one of them gets the mark by itself."""
EVENTS = {
    "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system",
    "subprocess.Popen",
}  # fmt: skip


class Guard:
    """Refuses every start of a process in this interpreter while `allowed` is False."""

    def __init__(self) -> None:
        self.allowed = True
        self.refused: list[str] = []
        sys.addaudithook(self._see)

    def refuse(self, what: str) -> NoReturn:
        # kept as well, because the code under test may catch what is raised
        self.refused.append(what)
        raise AssertionError(f"mark the test `@pytest.mark.{MARK}`: it starts a process ({what})")

    def _see(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in EVENTS and not self.allowed:
            self.refuse(f"{event}{arguments[:2]}")


class Shared:
    """The session's launcher as a verb gets it: leaving or closing it ends nothing.

    `launcher` is called when the verb uses it first; most bad input is found before.
    """

    def __init__(self, launcher: Callable[[], Launcher]) -> None:
        self._get_launcher = launcher
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        with self._lock:
            launcher = self._get_launcher()
        return getattr(launcher, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None: ...

    def close(self) -> None: ...
