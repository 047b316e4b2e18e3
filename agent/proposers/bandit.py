"""Which of two sources of proposals the next trial comes from: the one that has lately paid."""

import random
from collections.abc import Mapping, Sequence

from agent.study.records import FinishedTrial, Origin

FORGET = 0.9
"""Share of what is remembered of a source that its next trial leaves."""
BEST_SHARE = 0.25


def choose(paid: Mapping[Origin, Sequence[bool]], seed: int, number: int) -> Origin:
    """Draw a source; `paid` has for each whether its trials paid, the oldest first.

    Discounted Thompson sampling (Raj and Kalyani 2017, arXiv:1707.09727): with S and F the sums of
    0.9^age over the trials that paid and those that did not, draw from Beta(1 + S, 1 + F) for each
    source and take the largest. The same seed and number give the same draws.
    """
    drawn = random.Random(f"{seed}/{number}")
    chances = {}
    for source in sorted(paid):
        hits = misses = 0.0
        for hit in paid[source]:
            hits, misses = FORGET * hits + hit, FORGET * misses + (not hit)
        chances[source] = drawn.betavariate(1 + hits, 1 + misses)
    return max(chances, key=lambda source: chances[source])


def origins_and_values(trials: Sequence[FinishedTrial]) -> list[tuple[Origin, float | None]]:
    """Of finished trials, in their order; only complete ones have a value."""
    return [(trial.proposal.origin, trial.value) for trial in trials]


def payoffs(
    values: Sequence[tuple[Origin, float | None]], sources: Sequence[Origin]
) -> dict[Origin, list[bool]]:
    """Whether each trial paid: complete, and in the best quarter of the complete ones by then.

    `values` are those of `origins_and_values`.
    Trials of other origins are what is measured against. Lower values are better.
    """
    paid: dict[Origin, list[bool]] = {source: [] for source in sources}
    seen: list[float] = []
    for origin, value in values:
        if value is not None:
            seen.append(value)
        if origin in paid:
            allowed = max(1, int(BEST_SHARE * len(seen)))
            hit = value is not None and sum(other < value for other in seen) < allowed
            paid[origin].append(hit)
    return paid
