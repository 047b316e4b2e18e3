"""What was measured: the record of one submission on one instance."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import ConfigDict, TypeAdapter

from tracks.base import Objective
from tracks.instance import Instance
from tracks.isolation.levels import Level
from tracks.procedure import Procedure
from tracks.registry import get_track

LOSS_FLOOR = 1e-12
"""Below this a loss counts as this, so that its logarithm exists."""


class State(StrEnum):
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
"""How an optimizer fails by its own numbers."""


@dataclass(frozen=True)
class Evaluation:
    """What was measured. `curve` is (step, metric) at each look; times in s, memory in MiB.

    Under the fused trainer the metric of a look that misses the target may be an estimate.
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
    """What kept the submission in; `none` also where none of it has run."""
    memory_mb: Mapping[str, float] = field(default_factory=dict)
    log: str = ""

    @property
    def complete(self) -> bool:
        return self.state is State.COMPLETE

    @property
    def final(self) -> float:
        """The metric at the last look."""
        return self.curve[-1][1]

    @property
    def steps_to_target(self) -> int | None:
        """The first look, after step 0, that met the track's target."""
        track = get_track(self.instance.track)
        for step, value in self.curve:
            if step and track.metric.meets(value, track.target):
                return step
        return None

    def score(self, objective: Objective) -> float:
        """Lower is better: final loss, or steps to target with max_steps + 1 for a miss."""
        track = get_track(self.instance.track)
        if objective == "final":
            return track.metric.loss(self.final)
        return float(self.steps_to_target or self.max_steps + 1)

    def rank(self, objective: Objective) -> float:
        """The score, equal steps told apart by the loss at the last look (under one step)."""
        score = self.score(objective)
        if objective == "final":
            return score
        loss = get_track(self.instance.track).metric.loss(self.final)
        return score + loss / (1.0 + loss)

    def comparable(self, objective: Objective) -> float:
        """What the paired test compares, lower is better: log10 of the final loss, or the steps."""
        if objective == "steps":
            return self.score(objective)
        floor = 0.5 / self._answers if self._answers else LOSS_FLOOR
        return math.log10(max(self.score(objective), floor))

    def resolution(self, objective: Objective) -> float:
        """The grid of `comparable` here: the steps between looks, or what one more wrong answer
        would make of the logarithm; 0 for a loss that is not counted."""
        if objective == "steps":
            return float(self.procedure.eval_every)
        if not self._answers:
            return 0.0
        wrong = max(self.score(objective) * self._answers, 0.5)
        return math.log10((wrong + 1) / wrong)

    @property
    def _answers(self) -> int:
        """Counted answers in the evaluation set."""
        return get_track(self.instance.track).metric.answers * self.eval_samples

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "Evaluation":
        """Raises ValueError for what is no such record."""
        return _reader().validate_python(record)


@cache
def _reader() -> TypeAdapter[Evaluation]:
    return TypeAdapter(Evaluation)
