"""Where a long job stands: its stage, the phase of it, the best result so far."""

import threading
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Literal

from rich.console import Console

from agent.report.tables import duration
from agent.study.settings import Stage
from tracks.printable import printable

Ending = Literal["ended", "breaks", "failed"]
"""Of a task; in an ablation a run without a needed part breaks, which is no cause for alarm."""


@dataclass
class Phase:
    """Tasks of which some are done and some run; `before` were done when the phase began."""

    title: str = ""
    total: int = 0
    done: int = 0
    before: int = 0
    began: float = field(default_factory=time.monotonic)
    running: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Label and fraction done, by key."""

    @property
    def fraction(self) -> float:
        work = self.done + sum(fraction for _, fraction in self.running.values())
        return min(1.0, work / self.total) if self.total else 1.0

    def seconds_left(self) -> float | None:
        """At the pace of this phase so far; None before any work was done."""
        work = self.fraction * self.total - self.before
        if work <= 0:
            return None
        return (time.monotonic() - self.began) * self.total * (1 - self.fraction) / work


class Tracker(ABC):
    """What both views know: the stage, its phase, the best result. Safe to call from any thread."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.RLock()
        self._stage: Stage | None = None
        self._later_s: float | None = None
        self._phase = Phase()
        self._search: Phase | None = None
        self._best = ""

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            self._print(self._closing_line())

    def stage(self, stage: Stage, later_s: float | None = None) -> None:
        with self._lock:
            self._stage, self._later_s, self._phase = stage, later_s, Phase()

    def phase(self, title: str, total: int, done: int = 0) -> None:
        with self._lock:
            self._phase = Phase(title, total, done, done)
            if self._stage is Stage.SEARCH:
                self._search = self._phase

    def advanced(self, key: str, label: str, fraction: float) -> None:
        with self._lock:
            self._phase.running[key] = (label, fraction)

    def finished(self, key: str, line: str, *, failed: bool = False) -> None:
        with self._lock:
            self._phase.done += 1
            label, _ = self._phase.running.pop(key, ("", 0.0))
        name = f"{key} ({label})" if label and label not in line else key
        calm: Ending = "breaks" if self._stage is Stage.ABLATE else "failed"
        self._ended(key, f"{name}: {line}", calm if failed else "ended")

    def best(self, line: str) -> None:
        with self._lock:
            self._best = line

    def note(self, line: str) -> None:
        self._print(line)

    @abstractmethod
    def _ended(self, key: str, line: str, ending: Ending) -> None:
        """Show how a task ended."""

    def _stage_line(self) -> str:
        stages = list(Stage)
        if self._stage is None:
            return self._phase.title or "starting"
        name = "report" if self._stage is Stage.DONE else str(self._stage)
        return f"stage {stages.index(self._stage) + 1} of {len(stages)}: {name}"

    def _time_left(self) -> str:
        """Of the whole study where later stages have an estimate, else of the phase."""
        with self._lock:
            seconds = self._phase.seconds_left()
        if seconds is None:
            return "time left unknown" if self._phase.total else ""
        if self._later_s is None:
            return f"{duration(seconds)} left"
        return f"about {duration(seconds + self._later_s)} left in all"

    def _closing_line(self) -> str:
        at = f" in {self._stage_line()}" if self._stage else ""
        counted, what = (self._search, "trials") if self._search else (self._phase, "runs")
        done = f"; {counted.done} of {counted.total} {what} done" if counted.total else ""
        best = f"; best so far: {self._best}" if self._best else ""
        return f"stopped{at}{done}{best}"

    def _print(self, line: str) -> None:
        self._console.print(printable(line), markup=False, highlight=False, soft_wrap=True)
