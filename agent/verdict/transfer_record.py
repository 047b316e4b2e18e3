"""What came of trying an optimizer on other tasks: steps to a reference's final loss, as ratios."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from agent.verdict.stage_record import StageRecord
from agent.verdict.statistics import paired_t_test

MISSED = 0.5
"""The ratio of a candidate that takes more than twice the steps that a reference needs."""
BAR = "adamw"
"""The reference by which an optimizer is called a specialist."""
SPECIALIST = 0.25
"""Of one that misses the bar on more than this share of the workloads."""


@dataclass(frozen=True)
class Draw:
    """One instance of a workload.

    By reference: the final loss of its whole run, and the fewest steps to it, of the candidate and
    of its own. A loss is None where the reference failed, steps are None where no run of the
    candidate had that loss. `failure` says how the candidate failed, if it did.
    Records of before 2026-11-29 have no `reference_steps`: there a reference needs its whole run.
    """

    drawn_from: str
    losses: dict[str, float | None]
    steps: dict[str, int | None]
    failure: str = ""
    reference_steps: dict[str, int] = field(default_factory=dict)

    def ratio(self, reference: str, length: int) -> float | None:
        """Steps of the reference / steps of the candidate; None where these are missing or more
        than twice as many."""
        steps, needed = self.steps[reference], self.reference_steps.get(reference, length)
        return needed / steps if steps and steps <= 2 * needed else None


@dataclass(frozen=True)
class WorkloadRow:
    """A workload; a reference's whole run has `length` steps, all runs together took `seconds`."""

    workload: str
    length: int
    seconds: float
    draws: tuple[Draw, ...]

    def ratio(self, reference: str) -> float | None:
        """Steps of the reference / steps of the candidate: the geometric mean over the draws."""
        logs = [math.log(ratio or MISSED) for ratio in self._ratios(reference)]
        return math.exp(math.fsum(logs) / len(logs)) if logs else None

    @property
    def missed(self) -> bool:
        """Whether most draws missed the bar, of those on which the reference did not fail."""
        missed = [ratio is None for ratio in self._ratios(BAR)]
        return 2 * sum(missed) > len(missed)

    def _ratios(self, reference: str) -> list[float | None]:
        """Of the draws on which the reference did not fail."""
        done = [draw for draw in self.draws if draw.losses[reference] is not None]
        return [draw.ratio(reference, self.length) for draw in done]

    @property
    def failure(self) -> str:
        return next((draw.failure for draw in self.draws if draw.failure), "")


@dataclass(frozen=True)
class Score:
    """A geometric mean over workloads, and its 95% interval with the workloads as a sample.

    There is no interval of fewer than three workloads: of two it spans many powers of ten. Where
    every reference failed, the mean is that of a miss.
    """

    mean: float
    low: float | None
    high: float | None

    def __str__(self) -> str:
        interval = "" if self.low is None else f" [{self.low:.2f}, {self.high:.2f}]"
        return f"{self.mean:.2f}{interval}"


def scores_of(rows: Sequence[WorkloadRow]) -> dict[str, Score]:
    """The score against each reference of these rows."""
    return {reference: _score(rows, reference) for reference in rows[0].draws[0].losses}


def _score(rows: Sequence[WorkloadRow], reference: str) -> Score:
    ratios = [row.ratio(reference) for row in rows]
    logs = [math.log(ratio) for ratio in ratios if ratio is not None]
    if not logs:
        return Score(MISSED, None, None)
    if len(logs) < 3:
        return Score(math.exp(math.fsum(logs) / len(logs)), None, None)
    test = paired_t_test(logs)
    return Score(math.exp(test.mean), *map(math.exp, test.interval))


@dataclass(frozen=True)
class TransferRecord(StageRecord):
    """`key` is what the instances were drawn from; `short` runs take a quarter of the steps.

    `own_length` is the length of a file's own, where its constructor takes no `max_steps`.
    """

    file: ClassVar[str] = "transfer"

    digest: str
    key: str
    short: bool
    device: str
    rows: tuple[WorkloadRow, ...]
    scores: Mapping[str, Score]
    """By reference; above 1 the candidate needs fewer steps than the reference."""
    own_length: int | None = None

    @property
    def score(self) -> float:
        """The mean score against the bar."""
        return self.scores[BAR].mean

    @property
    def missed(self) -> list[str]:
        """Workloads on which it does not reach the bar."""
        return [row.workload for row in self.rows if row.missed]

    @property
    def failed(self) -> bool:
        """Whether it failed on every instance."""
        return all(draw.failure for row in self.rows for draw in row.draws)

    @property
    def specialist(self) -> bool:
        """Whether it misses the bar on too many workloads."""
        return len(self.missed) > SPECIALIST * len(self.rows)

    @property
    def verdict(self) -> str:
        score = self.scores[BAR]
        if self.specialist:
            return f"a specialist: it misses AdamW's loss on {', '.join(self.missed)}"
        if score.low and score.low > 1:
            return "on other tasks it needs fewer steps than AdamW"
        if score.high and score.high < 1:
            return "on other tasks it needs more steps than AdamW"
        return "on other tasks no significant difference from AdamW"
