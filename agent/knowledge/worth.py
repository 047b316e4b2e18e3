"""What ablations measured of each part, with its interval."""

import math
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import fmean

from agent.verdict.ablation_record import Ablation
from agent.verdict.figures import between, figure

Bounds = tuple[float, float]
PHASE = re.compile(r"phase (\d+) ")
"""How an ablation names the parts of a spec with several phases."""


@dataclass(frozen=True)
class Worth:
    """By how much optimizers were worse without a part: the mean over ablations.

    `reach` is half of its 95% interval: the root of the summed squares of the ablations' half
    intervals, over their number, as for independent errors. `said` is the same in words. What was
    measured at the `other_scale` alone is an order of parts, and no effect on results of this one.
    """

    mean: float
    reach: float
    said: str
    other_scale: bool = False


def worth_of_parts(ablations: Mapping[str, Ablation], scale: str) -> dict[str, Worth]:
    """By part, named as `parts_in` does; `ablations` by study.

    What was measured at another scale counts for the parts that were not measured at `scale`. A
    part without which a run failed has no worth, and one that was removed together with others none
    of its own.
    """
    found: dict[str, list[tuple[float, Bounds, str]]] = defaultdict(list)
    elsewhere: dict[str, list[tuple[float, Bounds, str]]] = defaultdict(list)
    for study, ablation in ablations.items():
        for row in ablation.rows:
            if row.delta is not None and row.interval and not row.removed_with:
                where = f"{ablation.unit} without it in the ablation of {study}"
                where += f" ({row.seeds} instances, scale {row.scale})"
                here = found if row.scale == scale else elsewhere
                here[_part(row.name)].append((row.delta, row.interval, where))
    others = {part: replace(_mean(those), other_scale=True) for part, those in elsewhere.items()}
    return others | {part: _mean(measured) for part, measured in found.items()}


def _part(name: str) -> str:
    """As "momentum ema" of "phase 1 momentum ema", and "then momentum ema" of phase 2."""
    found = PHASE.match(name)
    return "then " * (int(found[1]) - 1) + name[found.end() :] if found else name


def _mean(measured: list[tuple[float, Bounds, str]]) -> Worth:
    mean = fmean(delta for delta, _, _ in measured)
    reach = math.hypot(*((high - low) / 2 for _, (low, high), _ in measured)) / len(measured)
    said = [interval_text(delta, bounds, where) for delta, bounds, where in measured]
    return Worth(mean, reach, "; ".join(said))


def interval_text(mean: float, bounds: Bounds | None, unit: str) -> str:
    """As "+3.2 [2.9, 3.5] steps"."""
    interval = f" {between(bounds)}" if bounds else ""
    return f"{figure(mean, '+.3g')}{interval} {unit}"
