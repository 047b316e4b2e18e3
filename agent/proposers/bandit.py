"""Which of two sources proposes next: the one with the higher recent success rate."""

import random
from collections.abc import Mapping, Sequence

from agent.study.records import FinishedTrial, Origin

DISCOUNT = 0.9
"""Weight of a trial relative to the next one of the same source."""
BEST_SHARE = 0.25


def choose(paid: Mapping[Origin, Sequence[bool]], seed: int, number: int) -> Origin:
    """Draw a source; `paid` has for each whether its trials succeeded, the oldest first.

    Discounted Thompson sampling (Raj and Kalyani 2017, arXiv:1707.09727): with S and F the sums of
    0.9^age over the trials that succeeded and those that did not, draw from Beta(1 + S, 1 + F) for
    each source and take the largest. The same seed and number give the same draws.
    """
    drawn = random.Random(f"{seed}/{number}")
    chances = {}
    for source in sorted(paid):
        hits = misses = 0.0
        for hit in paid[source]:
            hits, misses = DISCOUNT * hits + hit, DISCOUNT * misses + (not hit)
        chances[source] = drawn.betavariate(1 + hits, 1 + misses)
    return max(chances, key=lambda source: chances[source])


def payoffs(trials: Sequence[FinishedTrial], sources: Sequence[Origin]) -> dict[Origin, list[bool]]:
    """Whether each trial of the sources succeeded, in order.

    Success: complete, and in the best quarter of the complete trials of all origins by then.
    """
    paid: dict[Origin, list[bool]] = {source: [] for source in sources}
    seen: list[float] = []
    for trial in trials:
        value, origin = trial.value, trial.proposal.origin
        if value is not None:
            seen.append(value)
        if origin in paid:
            allowed = max(1, int(BEST_SHARE * len(seen)))
            hit = value is not None and sum(other < value for other in seen) < allowed
            paid[origin].append(hit)
    return paid
