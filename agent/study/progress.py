"""Progress of a long job, as it reports it; the views in `agent.report` show it."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from agent.study.records import FinishedTrial
    from agent.study.settings import Stage


class View(Protocol):
    """Stages of phases of tasks. Calls may come from any thread."""

    def stage(
        self, stage: "Stage", stage_s: float | None = None, later_s: float | None = None
    ) -> None:
        """A stage of a study begins, which is expected to take `stage_s` seconds in all, and those
        after it `later_s`."""

    def phase(self, title: str, total: int, done: int = 0) -> None:
        """A phase of `total` tasks begins, `done` of which were finished before."""

    def advanced(self, key: str, label: str, fraction: float) -> None:
        """Task `key` is at `fraction` of its steps; its first call, at 0, says that it starts."""

    def choosing(self, line: str) -> None:
        """What is measured in order to choose the next task; empty once it is."""

    def finished(self, key: str, line: str, *, failed: bool = False) -> None: ...

    def best(self, line: str) -> None:
        """The best so far has changed."""

    def note(self, line: str) -> None: ...


def best_line(trial: "FinishedTrial") -> str:
    """What a view says of the best trial."""
    return f"{trial.name}: {trial.outcome}"
