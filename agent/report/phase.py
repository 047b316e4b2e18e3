"""A phase of a long job: its tasks, and how long it will take."""

import time
from dataclasses import dataclass, field


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
