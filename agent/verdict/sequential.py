"""A group-sequential paired test: it starts with three pairs and goes on while it is open."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from agent.verdict.statistics import PairedTest, paired_t_test, t_quantile

ANALYSES = (3, 5, 8, 13, 21, 34)
"""Numbers of pairs after which the test is made."""
SHARES = (0.2, 0.2, 0.5, 0.05, 0.025, 0.0125)
"""Of a comparison's level, by analysis; the last one planned gets the rest."""
FUTILITY = 0.05
"""A comparison stops for futility if this upper limit of the effect would not be enough."""


class Decision(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    OPEN = "open"


@dataclass(frozen=True)
class Analysis:
    """The test after `seeds` pairs: accepted if p is below `level`, this analysis's alpha."""

    seeds: int
    level: float
    test: PairedTest
    decision: Decision


@lru_cache
def plan(most: int) -> tuple[tuple[int, float], ...]:
    """(pairs, share of the level) of every analysis, up to `most` pairs.

    Raises ValueError for fewer than two pairs.
    """
    if most < 2:
        raise ValueError(f"a paired test needs two pairs or more, not {most}")
    sizes = [n for n in ANALYSES if n < most]
    shares = SHARES[: len(sizes)]
    return tuple(zip([*sizes, most], [*shares, 1 - math.fsum(shares)], strict=True))


def final_analysis(
    differences: Sequence[float], level: float, *, resolution: float = 0.0
) -> Analysis:
    """The analysis that decides, where all pairs are known beforehand, as in a simulation."""
    most = len(differences)
    for seeds, _ in plan(most):
        answer = analyse(differences[:seeds], level, most, resolution=resolution)
        if answer.decision != Decision.OPEN:
            break
    return answer


def analyse(
    differences: Sequence[float],
    level: float,
    most: int,
    *,
    min_effect: float = 0.0,
    resolution: float = 0.0,
) -> Analysis:
    """Test the pairs so far at a planned analysis, and decide whether to go on.

    Every analysis spends its share of `level`. By the union bound the chance of ever accepting a
    challenger whose mean is at most `min_effect` is below `level`, whatever the dependence between
    analyses. A comparison goes on while the effect, by its upper 95% limit, may be what the last
    analysis would accept at the present spread; stopping for futility costs no alpha.
    `resolution` is that of `paired_t_test`. Raises ValueError at a number of pairs not planned.
    """
    n = len(differences)
    shares = dict(plan(most))
    if n not in shares:
        raise ValueError(f"expected {', '.join(map(str, shares))} differences, got {n}")
    test = paired_t_test(differences, null=min_effect, resolution=resolution)
    nominal = level * shares[n]
    if test.p < nominal:
        return Analysis(n, nominal, test, Decision.ACCEPTED)
    hopeful = test.mean - min_effect + t_quantile(1 - FUTILITY, n - 1) * test.std / math.sqrt(n)
    needed = -t_quantile(level * shares[most], most - 1) * test.std / math.sqrt(most)
    open = n < most and hopeful >= needed and test.std > 0
    return Analysis(n, nominal, test, Decision.OPEN if open else Decision.REFUSED)
