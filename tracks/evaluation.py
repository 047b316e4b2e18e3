"""The record of one measurement: a submission on an instance, and the numbers drawn from it."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import ConfigDict, TypeAdapter

from tracks.base import Objective, Track
from tracks.instance import Instance
from tracks.isolation.levels import Level
from tracks.procedure import Procedure
from tracks.registry import get_track

LOSS_FLOOR = 1e-12
"""Smaller losses count as this, so that their logarithm exists."""


class State(StrEnum):
    """How an evaluation ended."""

    COMPLETE = "complete"
    INVALID = "invalid"
    EXCEPTION = "exception"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    NONFINITE = "nonfinite"
    DIVERGED = "diverged"
    OUTPUT = "output"
    FORBIDDEN = "forbidden"
    """It made a system call that only an attack makes."""
    CRASH = "crash"


DIVERGING = frozenset({State.NONFINITE, State.DIVERGED})
"""Failures of an optimizer by its own numbers."""


def log_loss(loss: float, answers: int) -> float:
    """The log10 of a loss; of counted `answers` none wrong counts as half of one."""
    return math.log10(max(loss, 0.5 / answers if answers else LOSS_FLOOR))


@dataclass(frozen=True)
class Evaluation:
    """The record of one submission on one instance. Times in s, memory in MiB.

    `curve` is (step, metric) at each evaluation of the metric. Under the fused trainer the metric
    of one that misses the target may be an estimate.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    instance: Instance
    state: State
    procedure: Procedure
    reason: str = ""
    traceback: tuple[str, ...] = ()
    curve: tuple[tuple[int, float], ...] = ()
    last_train_loss: float = math.nan
    training_wall_time_s: float = 0.0
    duration_s: float = 0.0
    max_steps: int = 0
    train_samples: int = 0
    eval_samples: int = 0
    batch_size: int = 0
    data_audit: Mapping[str, Any] | None = None
    environment: Mapping[str, Any] = field(default_factory=dict)
    sandbox: Level = Level.NONE
    """The level that held; `none` also where nothing of the submission ran."""
    memory_mb: Mapping[str, float] = field(default_factory=dict)
    log: str = ""

    @property
    def complete(self) -> bool:
        return self.state is State.COMPLETE

    @property
    def last(self) -> float:
        """The last metric: after max_steps, unless the run stopped at its target."""
        return self.curve[-1][1]

    @property
    def at_target(self) -> bool:
        """Whether the run stopped at its target, before max_steps."""
        return self.complete and self.curve[-1][0] < self.max_steps

    @property
    def has_target(self) -> bool:
        """Whether its track has a target."""
        return self._track.target is not None

    @property
    def steps_to_target(self) -> int | None:
        """The first evaluated step after 0 that met the track's target; None where it missed."""
        return self._track.steps_to_target(self.curve)

    def score(self, objective: Objective) -> float:
        """Lower is better: the last loss, or the steps to target.

        A target that was missed is censored: it counts as max_steps + 1.
        """
        if objective == "final":
            return self._track.metric.loss(self.last)
        return float(self.steps_to_target or self.max_steps + 1)

    def rank(self, objective: Objective) -> float:
        """The score; equal steps are ordered by the last loss, which adds less than one step."""
        if objective == "final":
            return self.score(objective)
        loss = self.score("final")
        share = loss / (1.0 + abs(loss))
        return self.score(objective) + (share if self._track.metric.log else (1.0 + share) / 2)

    def comparable(self, objective: Objective) -> float:
        """The number of the paired test, lower is better: the last loss, or its log10 where the
        metric is compared so; or the steps."""
        return self.compared(self.score(objective), objective)

    def compared(self, score: float, objective: Objective) -> float:
        """The same for another score on this track and scale."""
        if objective == "steps" or not self._track.metric.log:
            return score
        return log_loss(score, self._answers)

    def resolution(self, objective: Objective) -> float:
        """The grid of `comparable` here: the steps between evaluations, or the effect of one more
        wrong answer; 0 for a metric that counts no answers."""
        if objective == "steps":
            return float(self.procedure.eval_every)
        if not self._answers:
            return 0.0
        if not self._track.metric.log:
            return 1 / self._answers
        wrong = self.score(objective) * self._answers
        return math.log10((wrong + 1) / max(wrong, 0.5))

    @property
    def _track(self) -> Track:
        return get_track(self.instance.track)

    @property
    def _answers(self) -> int:
        """Counted answers in the evaluation set."""
        return self._track.metric.answers * self.eval_samples

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "Evaluation":
        """Raises ValueError for what is no such record."""
        return _reader().validate_python(record)


@cache
def _reader() -> TypeAdapter[Evaluation]:
    return TypeAdapter(Evaluation)
