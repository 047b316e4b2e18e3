"""Ablation: what the winner loses without each of its parts, and which parts it can do without."""

import math
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from agent.study.executor import Executor
from agent.study.progress import View
from agent.study.settings import Settings
from agent.verdict.comparison import differences, fresh_instances, resolution, run_all, unit
from agent.verdict.removable import Parts
from agent.verdict.sequential import LOOKS
from agent.verdict.statistics import PairedTest, paired_t_test, t_quantile
from tracks.base import Objective
from tracks.evaluation import Evaluation
from tracks.registry import get_track
from tracks.submission import Submission

LOOKED_AT = tuple(seeds for seeds in LOOKS if seeds <= 8)
"""Numbers of fresh instances after which a part may be settled."""
CLEAR = 3.0
"""A part that is worth this many margins or more on a smaller run gets no full runs; parts whose
removal costs as much on the first instance are not removed together."""
ALPHA = 0.05
"""Chance, at each look, that a part which costs the margin passes for a barnacle."""
REMOVING = "removing the parts in doubt"
MARGIN_LOG10 = 0.05
"""A loss that is worse by 12% counts as equivalent, where no other margin is asked for."""
MARGIN_STEPS = 0.05
"""So do steps to target that are more by this share of the winner's, or by two."""
SHARE_OF_WIN = 0.25
"""But no more than this share of what was won, which could be lost for simplicity otherwise."""


class Finding(StrEnum):
    """What the instances say of a part."""

    HELPS = "helps"
    NEEDED = "needed"
    """The optimizer fails without it."""
    BARNACLE = "barnacle"
    """Taking it away costs less than the margin."""
    HURTS = "hurts"
    UNDECIDED = "undecided"

    @property
    def dispensable(self) -> bool:
        return self in (Finding.BARNACLE, Finding.HURTS)


@dataclass(frozen=True)
class Removed:
    """Parts taken away together; `test` is of the loss without them, None where a run failed."""

    parts: tuple[int, ...]
    scale: str
    finding: Finding
    test: PairedTest | None
    failed: str | None

    def to_json(self) -> dict[str, Any]:
        test = self.test
        return {
            "scale": self.scale,
            "finding": self.finding,
            "delta": test.mean if test else None,
            "interval": test.interval if test else None,
            "seeds": len(test.differences) if test else None,
            "test": asdict(test) if test else None,
            "failed": self.failed,
        }


def ablate(
    settings: Settings,
    executor: Executor,
    view: View,
    parts: Parts,
    key: str,
    margin: float | None = None,
    against: str = "",
    effect: float = math.inf,
) -> dict[str, Any]:
    """Take each part away, then all together that the optimizer can do without.

    A row's `delta` is the loss without the part minus the winner's, in the verdict's unit, over
    held-out instances; `interval` is its pointwise 95% t-interval. Parts that are clearly worth it
    at the track's cheapest scale stay without full runs. All others are removed together at the
    scale of the study, on the instances of the winner's comparison with `against`, a digest; where
    that costs the margin, each is settled there by itself. All instances are drawn from `key`, that
    of the winner's comparison. `removed_with` names the parts that a
    row's runs were without as well. `simplified` has the parts that were taken out at last, None
    where none could be. Without a `margin` the usual one holds, but no more than a quarter of
    `effect`, by which the winner has won.
    """
    listed = parts.listed()
    alone = [(index,) for index in range(len(listed))]
    rows: dict[tuple[int, ...], Removed] = {}
    doubtful, together = alone, None
    proxies = get_track(settings.track).proxies.get(settings.scale, ())
    small = None
    if proxies:
        small = _Bench(settings, executor, view, parts, key, margin, proxies[0].scale, "", effect)
        rows = {row.parts: row for row in small.settle(alone, f"ablating at {proxies[0].scale}")}
        doubtful = [removal for removal in alone if not small.is_clear(rows[removal])]
    bench = _Bench(settings, executor, view, parts, key, margin, settings.scale, against, effect)
    bench.patient = small is None
    if small and small.do_well_without([rows[removal] for removal in doubtful]):
        removal = tuple(index for (index,) in doubtful)
        if bench.is_promising(removal):
            together = bench.settle([removal], REMOVING)[0]
    if together and together.finding.dispensable:
        # what the cheapest scale left open is told by the runs without all of them
        rows |= {it: together for it in doubtful if not rows[it].finding.dispensable}
        simplified: Removed | None = together
    else:
        rows |= {row.parts: row for row in bench.settle(doubtful, "ablating")}
        found = [rows[removal] for removal in alone]
        out = [index for index, row in enumerate(found) if row.finding.dispensable]
        simplified = bench.simplify(found, out)

    def row(index: int) -> dict[str, Any]:
        part, removed = listed[index], rows[index,]
        others = [f"{listed[i].kind} {listed[i].name}" for i in removed.parts if i != index]
        what = {"kind": part.kind, "part": part.name, "replaced_by": part.replaced_by}
        return {**what, **removed.to_json(), "removed_with": others}

    return {
        "unit": bench.unit,
        "margin": bench.margin,
        "instances": [instance.drawn_from for instance in bench.instances[: bench.used]],
        "winner": bench.scores(),
        "rows": [row(index) for index in range(len(listed))],
        "simplified": {"parts": simplified.parts, **simplified.to_json()} if simplified else None,
    }


class _Bench:
    """Variants of one winner side by side on the same held-out instances."""

    patient = True
    """Whether to go on with a part of which even the last instances would hardly tell."""

    def __init__(
        self,
        settings: Settings,
        executor: Executor,
        view: View,
        parts: Parts,
        key: str,
        margin: float | None,
        scale: str,
        against: str,
        effect: float,
    ) -> None:
        self._scale = scale
        self._objective: Objective = settings.objective
        self._executor, self._view = executor, view
        self._parts = parts
        self._max_steps = get_track(settings.track).scales[scale].max_steps
        winner = self._variant(())
        self.unit = unit(settings.objective, settings.track)
        self.instances = fresh_instances(key, winner, LOOKED_AT[-1], settings.track, scale, against)
        self.used = 0
        self._evaluations: dict[Submission, list[Evaluation]] = {}
        self._base = winner
        self._run([], LOOKED_AT[0], f"running the winner at scale {scale}")
        most = SHARE_OF_WIN * effect
        self.margin = margin if margin is not None else min(self._usual_margin(), most)

    def is_clear(self, row: Removed) -> bool:
        """Whether the part is worth several margins, or nothing works without it."""
        worth = row.test is not None and row.test.interval[0] > CLEAR * self.margin
        return row.finding == Finding.NEEDED or worth

    def do_well_without(self, rows: Sequence[Removed]) -> bool:
        """Whether the optimizer may do without all of these parts at once, by runs at this scale.

        It may where no part is harmful alone. Where one is, taking out all must cost no more than
        the parts which help are worth alone, and the margin, reckoned from the best of them: parts
        that stand in for each other cost more.
        """
        if not rows or any(row.test is None for row in rows):
            return False
        deltas = [_delta(row) for row in rows]
        if min(deltas) >= -self.margin:
            return True
        removal = tuple(index for row in rows for index in row.parts)
        together = self.settle([removal], f"{REMOVING} at {self._scale}")[0]
        if together.test is None:
            return False
        worth = math.fsum(delta for delta in deltas if delta > 0)
        return together.test.mean <= min(deltas) + worth + self.margin

    def is_promising(self, removal: tuple[int, ...]) -> bool:
        """Whether the first instance leaves hope that all these parts can go together."""
        self._run([removal], 1, REMOVING)
        base, without = (self._evaluations[self._variant(parts)][:1] for parts in ((), removal))
        if not (base[0].complete and without[0].complete):
            return False
        return differences(base, without, self._objective)[0] <= CLEAR * self.margin

    def settle(
        self, removals: Sequence[tuple[int, ...]], title: str, base: tuple[int, ...] = ()
    ) -> list[Removed]:
        """Go on with each until it is settled, or until there are no more instances for it.

        They are held against the winner without the parts `base`.
        """
        found: dict[tuple[int, ...], Removed] = {}
        for seeds in LOOKED_AT:
            open = [r for r in removals if r not in found or self._is_open(found[r])]
            if not open:
                break
            self._run([base, *open], seeds, title)
            found |= {removal: self._judge(removal, seeds, base) for removal in open}
        return [found[removal] for removal in removals]

    def simplify(self, rows: Sequence[Removed], out: Collection[int]) -> Removed | None:
        """What can be taken away together; None where nothing can.

        That is all of `out`, if it does as well as the best of them alone. Else one goes after the
        other, the most harmful first, and stays out if what is left does as well without it.
        """
        if not out:
            return None
        first, *others = sorted(out, key=lambda index: _delta(rows[index]))
        best = rows[first]
        together = self.settle([tuple(sorted(out))], "simplifying")[0]
        if together.finding.dispensable and _delta(together) <= _delta(best) + self.margin:
            return together
        for index in others:
            removal = tuple(sorted((*best.parts, index)))
            step = self.settle([removal], "simplifying", best.parts)[0]
            whole = self._judge(removal, len(self._evaluations[self._variant(removal)]))
            if step.finding.dispensable and whole.finding.dispensable:
                best = whole
        return best

    def scores(self) -> list[float]:
        base = self._evaluations[self._base][: self.used]
        return [evaluation.score(self._objective) for evaluation in base if evaluation.complete]

    def _variant(self, removal: Collection[int]) -> Submission:
        return self._parts.without(removal, self._max_steps)

    def _run(self, removals: Sequence[tuple[int, ...]], seeds: int, title: str) -> None:
        names = {self._base: "winner"}
        listed = self._parts.listed()
        for removal in removals:
            label = " and ".join(listed[index].kind + " " + listed[index].name for index in removal)
            names.setdefault(self._variant(removal), f"without {label}")
        # instance by instance, so that each instance's data is built once
        tasks = [
            (name, submission, instance)
            for number, instance in enumerate(self.instances[:seeds])
            for submission, name in names.items()
            if len(self._evaluations.get(submission, [])) <= number
        ]
        if not tasks:
            return
        self.used = max(self.used, seeds)
        self._view.phase(f"{title} on {seeds} fresh instances", len(tasks))
        outcomes = run_all(self._executor, self._view, tasks, self._objective)
        for (_, submission, _), evaluation in zip(tasks, outcomes, strict=True):
            self._evaluations.setdefault(submission, []).append(evaluation)

    def _judge(
        self, removal: tuple[int, ...], seeds: int, against: tuple[int, ...] = ()
    ) -> Removed:
        base = self._evaluations[self._variant(against)][:seeds]
        without = self._evaluations[self._variant(removal)][:seeds]
        if any(not evaluation.complete for evaluation in base):
            reason = "the whole optimizer failed on one of the instances"
            return Removed(removal, self._scale, Finding.UNDECIDED, None, reason)
        failures = [f"{e.state}: {e.reason}" for e in without if not e.complete]
        if failures:
            return Removed(removal, self._scale, Finding.NEEDED, None, failures[0])
        deltas = differences(base, without, self._objective)
        grid = resolution([*base, *without], self._objective)
        test = paired_t_test(deltas, resolution=grid)
        spared = paired_t_test([self.margin - delta for delta in deltas], resolution=grid)
        low, high = test.interval
        if high < 0:
            finding = Finding.HURTS
        elif spared.p < ALPHA:
            finding = Finding.BARNACLE
        else:
            finding = Finding.HELPS if low > 0 else Finding.UNDECIDED
        return Removed(removal, self._scale, finding, test, None)

    def _is_open(self, removed: Removed) -> bool:
        """Whether more instances may show that the part is dispensable, or worse."""
        test = removed.test
        if test is None:
            return False
        if removed.finding == Finding.BARNACLE:
            return test.mean < -self.margin
        most = LOOKED_AT[-1]
        reach = t_quantile(1 - ALPHA, most - 1) * test.std / math.sqrt(most)
        if not self.patient and test.mean + reach >= self.margin:
            return False
        return removed.finding == Finding.UNDECIDED and test.mean <= self.margin

    def _usual_margin(self) -> float:
        if self._objective == "final":
            return MARGIN_LOG10
        scores = self.scores()
        return max(2.0, MARGIN_STEPS * sum(scores) / len(scores)) if scores else 2.0


def _delta(row: Removed) -> float:
    assert row.test, "only parts with numbers are taken out"
    return row.test.mean
