"""The changelog of records: each result that was the best of its time, and what changed with it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from agent.knowledge.standings import Advantage, Standing
from agent.study.records import Origin


@dataclass(frozen=True)
class BestSoFar:
    """A result that was the best at its date, in UTC; a lower `score` is better.

    `before` is the record that it broke and `gain` by how much, `added` and `dropped` are the parts
    that the two do not share; all empty for the first. Parts of code are unknown: both are None.
    """

    date: str
    name: str
    score: float
    study: str
    origin: Origin | None
    by: str
    advantage: Advantage | None
    before: str | None = None
    gain: float | None = None
    added: tuple[str, ...] | None = ()
    dropped: tuple[str, ...] | None = ()


def best_so_far(entries: Iterable[Standing]) -> list[BestSoFar]:
    """Those of the entries that were the best at their date, in order."""
    found: list[BestSoFar] = []
    best: Standing | None = None
    dated = [(e.date, e) for e in entries if e.date and math.isfinite(e.score)]
    for date, entry in sorted(dated, key=lambda one: one[0]):
        if best is None or entry.score < best.score:
            found.append(_record(date, entry, best))
            best = entry
    return found


def _record(date: str, entry: Standing, best: Standing | None) -> BestSoFar:
    about = (date, entry.name, entry.score, entry.study, entry.origin, entry.by, entry.advantage)
    if best is None:
        return BestSoFar(*about, added=tuple(sorted(entry.kept)) if entry.parts else None)
    added = dropped = None
    if entry.parts and best.parts:
        added = tuple(sorted(entry.kept - best.kept))
        dropped = tuple(sorted(best.kept - entry.kept))
    return BestSoFar(*about, best.name, best.score - entry.score, added, dropped)
