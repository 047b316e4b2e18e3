"""The runs of the study as records, and the step size that the protocol chooses from them."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

MULTIPLIERS = (1.0, 0.5, 2.0, 0.25, 4.0)
TUNING = "seed:track3-tuning"
RESULTS = {
    "quarter": ("seed:track3-0", "seed:track3-1", "seed:track3-2"),
    "half": ("seed:track3-0", "seed:track3-1", "seed:track3-2"),
    "full": ("seed:track3-0",),
}
"""Instances of the results, by scale."""


@dataclass(frozen=True)
class Run:
    """`bits` per byte at its end, None if it diverged; `seconds` of CPU time."""

    entry: int
    scale: str
    multiplier: float
    instance: str
    bits: float | None
    seconds: float

    @property
    def loss(self) -> float:
        return math.inf if self.bits is None else self.bits


def read(file: Path) -> list[Run]:
    if not file.exists():
        return []
    return [Run(**json.loads(line)) for line in file.read_text().splitlines()]


def best_multipliers(runs: Iterable[Run]) -> dict[int, float]:
    """For each entry whose tuning is complete, the multiplier of its lowest loss; among equal
    ones the nearest to 1."""
    tuned: dict[int, dict[float, float]] = {}
    for run in runs:
        if run.instance == TUNING:
            tuned.setdefault(run.entry, {})[run.multiplier] = run.loss
    return {
        entry: min(MULTIPLIERS, key=lambda m: (losses[m], MULTIPLIERS.index(m)))
        for entry, losses in tuned.items()
        if len(losses) == len(MULTIPLIERS)
    }


def losses(runs: Iterable[Run], scale: str) -> dict[int, list[float]]:
    """The losses on the instances of the results, in their order, of the entries that have all."""
    found = {(r.entry, r.instance): r.loss for r in runs if r.scale == scale}
    instances = RESULTS[scale]
    return {
        entry: [found[entry, i] for i in instances]
        for entry in sorted({entry for entry, _ in found})
        if all((entry, i) in found for i in instances)
    }
