"""Ablation: what the winner loses without each of its parts, and which parts are redundant."""

import math
from collections.abc import Sequence
from dataclasses import fields

from agent.verdict.ablation_record import Ablation, AblationRow, Measured, Removal
from agent.verdict.comparison import Bench
from agent.verdict.removable import Parts
from agent.verdict.variants import Basis, Parted, Variants
from tracks.registry import get_track

TOGETHER = "removing the parts in doubt"


def ablate(bench: Bench, parts: Parts, basis: Basis) -> Ablation:
    """Remove each part, then together all that are redundant or harmful.

    A row's `delta` is the loss without the part minus the winner's, over held-out instances drawn
    from the key of the winner's comparison. Parts that are clearly worth it at the track's cheapest
    scale stay without full runs. All others are removed together at the scale of the study, on the
    instances that the winner has won on; where that costs the margin, each is settled there alone.
    """
    settings = bench.settings
    alone: list[Parted] = [(index,) for index in range(len(parts.listed()))]
    rows: dict[Parted, Removal] = {}
    doubtful, small, together = alone, None, None
    proxies = get_track(settings.track).proxies.get(settings.scale, ())
    if proxies:
        small = Variants(bench, parts, basis, proxies[0].scale, patient=True, against="")
        rows = {row.parts: row for row in small.settle(alone, f"ablating at {small.scale}")}
        doubtful = [parted for parted in alone if not small.is_clear(rows[parted])]
    full = Variants(
        bench, parts, basis, settings.scale, patient=small is None, against=basis.against
    )
    if small and may_go_together(small, [rows[parted] for parted in doubtful]):
        parted = tuple(index for (index,) in doubtful)
        if full.is_promising(parted, TOGETHER):
            together = full.settle([parted], TOGETHER)[0]
    if together and together.finding.removable:
        # the runs without all of them settle what the cheapest scale left open
        rows |= {it: together for it in doubtful if not rows[it].finding.removable}
        simplified: Removal | None = together
    else:
        rows |= {row.parts: row for row in full.settle(doubtful, "ablating")}
        simplified = _simplify(full, [rows[parted] for parted in alone])
    return Ablation(
        unit=bench.unit,
        margin=full.margin,
        instances=tuple(it.drawn_from or "" for it in full.instances[: full.used]),
        winner=full.scores(),
        rows=tuple(_row(parts, index, rows[index,]) for (index,) in alone),
        simplified=simplified,
    )


def _row(parts: Parts, index: int, removal: Removal) -> AblationRow:
    listed = parts.listed()
    part = listed[index]
    return AblationRow(
        **{field.name: getattr(removal, field.name) for field in fields(Measured)},
        kind=part.kind,
        part=part.name,
        replaced_by=part.replaced_by,
        removed_with=tuple(listed[other].label for other in removal.parts if other != index),
    )


def may_go_together(small: Variants, rows: Sequence[Removal]) -> bool:
    """Whether all these parts may be redundant together, by runs at the cheapest scale.

    They may where no part is harmful alone. Where one is, removing all must cost no more than the
    helpful parts are worth alone, and the margin, counted from the best of them: parts that stand
    in for each other cost more.
    """
    if not rows or any(row.test is None for row in rows):
        return False
    deltas = [_delta(row) for row in rows]
    if min(deltas) >= -small.margin:
        return True
    parted = tuple(index for row in rows for index in row.parts)
    together = small.settle([parted], f"{TOGETHER} at {small.scale}")[0]
    if together.delta is None:
        return False
    worth = math.fsum(delta for delta in deltas if delta > 0)
    return together.delta <= min(deltas) + worth + small.margin


def _simplify(full: Variants, rows: Sequence[Removal]) -> Removal | None:
    """The parts that can be removed together; None where none can.

    These are all removable ones, if the result is as good as the best of them alone. Else one part
    after the other, the most harmful first, stays out if the rest is as good without it.
    """
    out = [index for index, row in enumerate(rows) if row.finding.removable]
    if not out:
        return None
    first, *others = sorted(out, key=lambda index: _delta(rows[index]))
    best = rows[first]
    together = full.settle([tuple(out)], "simplifying")[0]
    if together.finding.removable and _delta(together) <= _delta(best) + full.margin:
        return together
    for index in others:
        parted = tuple(sorted((*best.parts, index)))
        step = full.settle([parted], "simplifying", best.parts)[0]
        whole = full.whole(parted)
        if step.finding.removable and whole.finding.removable:
            best = whole
    return best


def _delta(row: Removal) -> float:
    assert row.delta is not None, "only parts with numbers are removed"
    return row.delta
