"""Which source proposes next: the one with the higher recent success rate for its cost."""

import random
from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from agent.study.records import FinishedTrial, Origin

Source = TypeVar("Source", "Arm", str)

DISCOUNT = 0.9
"""Weight of a trial relative to the next one of the same source."""
BEST_SHARE = 0.25


@dataclass(frozen=True, order=True)
class Arm:
    """A source of trials: an origin, with the model where it is one."""

    origin: Origin
    model: str = ""

    @classmethod
    def of(cls, trial: FinishedTrial) -> "Arm":
        return cls(trial.proposal.origin, trial.author)


def choose(
    paid: Mapping[Source, Sequence[bool]], costs: Mapping[Source, float], seed: int, number: int
) -> Source:
    """Draw a source; `paid` has for each whether its trials succeeded, the oldest first.

    Discounted Thompson sampling (Raj and Kalyani 2017, arXiv:1707.09727): with S and F the sums of
    0.9^age over the trials that succeeded and those that did not, draw from Beta(1 + S, 1 + F) for
    each source. What is drawn is divided by 1 + c, and the largest is taken: a trial takes one of
    the trials that are left and c times one trial's part of the money that is left. Ratios of
    reward and cost are those of Xia et al. 2015 (Thompson sampling for budgeted multi-armed
    bandits, IJCAI). The same seed and number give the same draws.
    """
    drawn = random.Random(f"{seed}/{number}")
    chances = {}
    for source in sorted(paid):
        hits = misses = 0.0
        for hit in paid[source]:
            hits, misses = DISCOUNT * hits + hit, DISCOUNT * misses + (not hit)
        chances[source] = drawn.betavariate(1 + hits, 1 + misses) / (1 + costs.get(source, 0.0))
    return max(chances, key=lambda source: chances[source])


def payoffs(
    trials: Iterable[tuple[Source, float | None]], sources: Collection[Source]
) -> dict[Source, list[bool]]:
    """Whether each trial of the sources succeeded, in order.

    A trial is its source and its value, lower being better, None where it is not complete.
    Success: complete, and in the best quarter of the complete trials of all sources by then.
    """
    paid: dict[Source, list[bool]] = {source: [] for source in sources}
    seen: list[float] = []
    for source, value in trials:
        if value is not None:
            insort(seen, value)
        if source in paid:
            allowed = max(1, int(BEST_SHARE * len(seen)))
            hit = value is not None and bisect_left(seen, value) < allowed
            paid[source].append(hit)
    return paid
