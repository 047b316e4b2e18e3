"""Simulated studies: the false-positive rate under a noise, and sample sizes for effects."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agent.verdict.alpha import AlphaLedger
from agent.verdict.sequential import ANALYSES, Decision, final_analysis

STUDIES, PROPOSALS = 2000, 50
"""Simulated null studies, and comparisons in each."""
POWER, REPEATS = 0.9, 1000
EFFECTS = (1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
"""In units of the noise of a paired difference."""
MOST = 13
"""Maximum of seeds in a simulated comparison."""


@dataclass(frozen=True)
class SampleSize:
    """Seeds with which a study's first comparison finds an effect; None for more than 34.

    `effect` is in the unit of the objective, `in_noise` in standard deviations of a pair.
    """

    effect: float
    in_noise: float
    seeds: int | None


def false_positive_rate(
    random: np.random.Generator, noise: Sequence[float], grid: float
) -> float | None:
    """The share of null studies, with this noise, that promote one of their proposals; None where
    too few differences were measured.

    Equals may swap their names, so a difference has either sign with the same chance. No measured
    difference is drawn twice in a comparison: it would have no spread. Few measurements are not a
    continuous noise, so a kernel of the usual width blurs them and their variance is kept (the
    smoothed bootstrap, Silverman and Young 1987).
    """
    if len(noise) < MOST:
        return None
    spread = statistics.fmean(value**2 for value in noise) ** 0.5
    width = 1.06 * spread * len(noise) ** -0.2
    shrink = spread / math.hypot(spread, width) if spread else 1.0
    kept = 0
    for _ in range(STUDIES):
        ledger = AlphaLedger()
        for number in range(PROPOSALS):
            drawn = random.permutation(noise)[:MOST] * random.choice([-1.0, 1.0], MOST)
            drawn = (drawn + width * random.standard_normal(MOST)) * shrink
            if _accepted(drawn, ledger.level(str(number)), grid):
                kept += 1
                break
    return kept / STUDIES


def _accepted(drawn: np.ndarray, level: float, grid: float) -> bool:
    answer = final_analysis(drawn.tolist(), level, resolution=grid)
    return answer.decision == Decision.ACCEPTED


def sample_sizes(
    random: np.random.Generator, noise: float, effects: Sequence[float]
) -> tuple[SampleSize, ...]:
    """For each effect, or for multiples of the noise; none where there is no noise."""
    if not noise:
        return ()
    multiples = [effect / noise for effect in effects] or EFFECTS
    return tuple(SampleSize(noise * each, each, _needed(random, each)) for each in multiples)


def _needed(random: np.random.Generator, effect: float) -> int | None:
    """The smallest maximum of seeds with which a study's first comparison has the power."""
    level = AlphaLedger().level("first")
    for most in ANALYSES:
        draws = random.standard_normal((REPEATS, most)) + effect
        if sum(_accepted(row, level, 0.0) for row in draws) >= POWER * REPEATS:
            return most
    return None
