"""What a long job tells while it runs; the views in `agent.report` show it."""

from typing import Protocol


class View(Protocol):
    """Phases of tasks. Calls may come from any thread."""

    def phase(self, title: str, total: int, done: int = 0) -> None:
        """A phase of `total` tasks begins, `done` of which were finished before."""

    def advanced(self, key: str, label: str, fraction: float) -> None:
        """Task `key` is at `fraction` of its steps; its first call, at 0, says that it starts."""

    def finished(self, key: str, line: str, *, failed: bool = False) -> None: ...

    def best(self, line: str) -> None:
        """The best so far has changed."""

    def note(self, line: str) -> None: ...
