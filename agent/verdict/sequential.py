"""A paired test that begins with three seeds and goes on while the answer is open."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from agent.verdict.statistics import PairedTest, paired_t_test, t_quantile

LOOKS = (3, 5, 8, 13, 21, 34)
SHARES = (0.2, 0.2, 0.5, 0.05, 0.025, 0.0125)
"""Of a comparison's level, by look; the last look that is planned gets what is left."""
FUTILITY = 0.05
"""A comparison ends as hopeless where this upper limit of the effect would be too little."""


class Decision(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    OPEN = "open"


@dataclass(frozen=True)
class Look:
    """The test after `seeds` pairs: accepted if p is below `level`, this look's part of alpha."""

    seeds: int
    level: float
    test: PairedTest
    decision: Decision


@lru_cache
def plan(most: int) -> tuple[tuple[int, float], ...]:
    """Numbers of pairs at which to look, up to `most`, each with its share of the level.

    Raises ValueError for fewer than two pairs.
    """
    if most < 2:
        raise ValueError(f"a paired test needs two pairs or more, not {most}")
    looks = [n for n in LOOKS if n < most]
    shares = SHARES[: len(looks)]
    return tuple(zip([*looks, most], [*shares, 1 - math.fsum(shares)], strict=True))


def looked_through(differences: Sequence[float], level: float, *, resolution: float = 0.0) -> Look:
    """The look that decides where all pairs that there may be are known, as in a simulation."""
    most = len(differences)
    for seeds, _ in plan(most):
        answer = look(differences[:seeds], level, most, resolution=resolution)
        if answer.decision != Decision.OPEN:
            break
    return answer


def look(
    differences: Sequence[float],
    level: float,
    most: int,
    *,
    min_effect: float = 0.0,
    resolution: float = 0.0,
) -> Look:
    """Test the pairs so far, at a planned look, and say whether the question is open.

    Every look spends its share of `level`, so that by the union bound the chance of ever accepting
    a challenger whose mean is at most `min_effect` is below `level` however the looks depend on
    each other. A comparison goes on while the effect may still be, by its upper 95% limit, what the
    last look would accept at the present spread; ending early for lack of hope costs no alpha.
    `resolution` is as in `paired_t_test`. Raises ValueError at a number of pairs without a look.
    """
    n = len(differences)
    shares = dict(plan(most))
    if n not in shares:
        raise ValueError(f"expected {', '.join(map(str, shares))} differences, got {n}")
    test = paired_t_test(differences, null=min_effect, resolution=resolution)
    nominal = level * shares[n]
    if test.p < nominal:
        return Look(n, nominal, test, Decision.ACCEPTED)
    hopeful = test.mean - min_effect + t_quantile(1 - FUTILITY, n - 1) * test.std / math.sqrt(n)
    needed = -t_quantile(level * shares[most], most - 1) * test.std / math.sqrt(most)
    open = n < most and hopeful >= needed and test.std > 0
    return Look(n, nominal, test, Decision.OPEN if open else Decision.REFUSED)
