"""The chance that a ladder gives the best of several specs its full run, and what it costs."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from agent.study.ladder import goes_on

CONTESTANTS = 20
"""The ladder is judged by whether the best of this many specs gets a full run."""
DRAWS = 2000


@dataclass(frozen=True)
class Column:
    """One instance: the rank of each spec on it (infinite where it failed), and its seconds."""

    values: Sequence[float]
    seconds: Sequence[float]


def chance_and_cost(
    rungs: Sequence[Sequence[Column]], full: Column, keep: Sequence[float], seed: int
) -> tuple[float, float]:
    """(chance that the best of 20 gets a full run, cost as a share of 20 full runs)."""
    source = random.Random(seed)
    contestants = min(CONTESTANTS, len(full.values))
    kept, cost, whole = 0, 0.0, 0.0
    for _ in range(DRAWS):
        drawn = source.sample(range(len(full.values)), contestants)
        best = min(drawn, key=full.values.__getitem__)
        columns = [source.choice(rung) for rung in rungs]
        met: list[list[float]] = [[] for _ in rungs]
        for contestant in drawn:
            for level, column in enumerate(columns):
                value = column.values[contestant]
                cost += column.seconds[contestant]
                if not math.isfinite(value):
                    break
                met[level].append(value)
                if not goes_on(value, met[level][:-1], keep[level]):
                    break
            else:
                cost += full.seconds[contestant]
                kept += contestant == best
        whole += math.fsum(full.seconds[contestant] for contestant in drawn)
    return kept / DRAWS, cost / whole
