"""A phase of a long job: its tasks, and how long it will take."""

import time
from dataclasses import dataclass, field

EXPECTED_WEIGHT = 0.2
"""The expected duration counts as much as this share of the work, done at that pace."""


@dataclass
class Phase:
    """Tasks of which some are done and some run; `before` were done when the phase began."""

    title: str = ""
    total: int = 0
    done: int = 0
    before: int = 0
    expected_s: float | None = None
    """For all of the tasks, by an estimate made before."""
    began: float = field(default_factory=time.monotonic)
    running: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Label and fraction done, by key."""

    @property
    def fraction(self) -> float:
        work = self.done + sum(fraction for _, fraction in self.running.values())
        return min(1.0, work / self.total) if self.total else 1.0

    def seconds_left(self) -> float | None:
        """At the pace of this phase so far and the expected one; None before either is known.

        The first trials of a search take longer than later ones, and the pace so far counts the
        more, the more is done: with work w of 1 done in t seconds and T expected,
        (1 - w) (t + k T) / (w + k).
        """
        done = self.fraction - (self.before / self.total if self.total else 0.0)
        weight = 0.0 if self.expected_s is None else EXPECTED_WEIGHT
        if done + weight <= 0:
            return None
        took_s = time.monotonic() - self.began + weight * (self.expected_s or 0.0)
        return (1 - self.fraction) * took_s / (done + weight)
