"""Variants of one winner, without some of its parts, on the same held-out instances."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from agent.verdict.ablation_record import Finding, Removal
from agent.verdict.comparison import Bench, differences, failure, resolution, run_all
from agent.verdict.removable import Parts
from agent.verdict.sequential import ANALYSES
from agent.verdict.statistics import PairedTest, paired_t_test, t_quantile
from tracks.evaluation import Evaluation
from tracks.registry import get_track
from tracks.submission import Submission

SEEDS = tuple(seeds for seeds in ANALYSES if seeds <= 8)
"""Numbers of held-out instances after which a part may be settled."""
CLEAR = 3.0
"""A part that is worth this many margins or more on a smaller run gets no full runs; parts whose
removal costs as much on the first instance are not removed together."""
ALPHA = 0.05
"""Chance, at each analysis, that a part which costs the margin is found redundant."""
MARGIN_LOG10 = 0.05
"""The usual margin: a loss that is worse by 12% counts as equivalent."""
MARGIN_SHARE = 0.005
"""Of the winner's loss, where losses are compared by differences."""
MARGIN_STEPS = 0.05
"""So do steps to target that are more by this share of the winner's, or by two."""
SHARE_OF_WIN = 0.25
"""The usual margin is at most this share of the winner's advantage."""

Parted = tuple[int, ...]
"""Indices of removed parts."""


@dataclass(frozen=True)
class Basis:
    """The comparison that a winner has won: its key, the opponent's digest, the mean effect.

    Without a `margin` the usual one holds.
    """

    key: str
    against: str = ""
    effect: float = math.inf
    margin: float | None = None


class Variants:
    """Runs and judges variants at one scale; instances are added while a part is inconclusive.

    Unless `patient`, a part is given up when even the last instances could hardly settle it.
    """

    def __init__(
        self, bench: Bench, parts: Parts, basis: Basis, scale: str, *, patient: bool, against: str
    ) -> None:
        self.scale = scale
        self._bench, self._parts, self._patient = bench, parts, patient
        self._max_steps = get_track(bench.settings.track).scales[scale].max_steps
        self._winner = self._variant(())
        self.instances = bench.held_out(basis.key, self._winner, SEEDS[-1], scale, against)
        self.used = 0
        self._evaluations: dict[Submission, list[Evaluation]] = {}
        self._run([], SEEDS[0], f"running the winner at scale {scale}")
        usual = min(self._usual_margin(), SHARE_OF_WIN * basis.effect)
        self.margin = usual if basis.margin is None else basis.margin

    def is_clear(self, row: Removal) -> bool:
        """Whether the part is worth several margins, or nothing works without it."""
        worth = row.interval is not None and row.interval[0] > CLEAR * self.margin
        return row.finding == Finding.NEEDED or worth

    def is_promising(self, parted: Parted, title: str) -> bool:
        """Whether, by the first instance, all these parts may go together."""
        self._run([parted], 1, title)
        base, without = (self._evaluations[self._variant(parts)][:1] for parts in ((), parted))
        if not (base[0].complete and without[0].complete):
            return False
        return differences(base, without, self._bench.objective)[0] <= CLEAR * self.margin

    def settle(self, removals: Sequence[Parted], title: str, base: Parted = ()) -> list[Removal]:
        """Run each until it is settled, or until there are no more instances.

        They are compared with the winner without the parts `base`.
        """
        found: dict[Parted, Removal] = {}
        for seeds in SEEDS:
            open = [r for r in removals if r not in found or self._is_open(found[r])]
            if not open:
                break
            self._run([base, *open], seeds, title)
            found |= {parted: self._judge(parted, seeds, base) for parted in open}
        return [found[parted] for parted in removals]

    def whole(self, parted: Parted) -> Removal:
        """The variant compared with the winner, on all instances that it was run on."""
        return self._judge(parted, len(self._evaluations[self._variant(parted)]))

    def scores(self) -> tuple[float, ...]:
        """The winner's, on every instance that was used."""
        base = self._evaluations[self._winner][: self.used]
        return tuple(e.score(self._bench.objective) for e in base if e.complete)

    def _variant(self, parted: Collection[int]) -> Submission:
        return self._parts.without(parted, self._max_steps)

    def _run(self, removals: Sequence[Parted], seeds: int, title: str) -> None:
        names = {self._winner: "winner"}
        listed = self._parts.listed()
        for parted in removals:
            label = " and ".join(listed[index].label for index in parted)
            names.setdefault(self._variant(parted), f"without {label}")
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
        bench = self._bench
        bench.view.phase(f"{title} on {seeds} held-out instances", len(tasks))
        outcomes = run_all(bench.executor, bench.view, tasks, bench.objective)
        for (_, submission, _), evaluation in zip(tasks, outcomes, strict=True):
            self._evaluations.setdefault(submission, []).append(evaluation)

    def _judge(self, parted: Parted, seeds: int, against: Parted = ()) -> Removal:
        base = self._evaluations[self._variant(against)][:seeds]
        without = self._evaluations[self._variant(parted)][:seeds]
        if any(not evaluation.complete for evaluation in base):
            reason = "the whole optimizer failed on one of the instances"
            return self._removal(parted, Finding.INCONCLUSIVE, failed=reason)
        failures = [failure(e) for e in without if not e.complete]
        if failures:
            return self._removal(parted, Finding.NEEDED, failed=failures[0])
        deltas = differences(base, without, self._bench.objective)
        grid = resolution([*base, *without], self._bench.objective)
        test = paired_t_test(deltas, resolution=grid)
        spared = paired_t_test([self.margin - delta for delta in deltas], resolution=grid)
        low, high = test.interval
        if high < 0:
            finding = Finding.HARMFUL
        elif spared.p < ALPHA:
            finding = Finding.REDUNDANT
        else:
            finding = Finding.HELPFUL if low > 0 else Finding.INCONCLUSIVE
        return self._removal(parted, finding, test)

    def _removal(
        self,
        parted: Parted,
        finding: Finding,
        test: PairedTest | None = None,
        failed: str | None = None,
    ) -> Removal:
        return removal(parted, self.scale, finding, test, failed, margin=self.margin)

    def _is_open(self, row: Removal) -> bool:
        """Whether more instances may show that the part is removable, or harmful."""
        test = row.test
        if test is None:
            return False
        if row.finding == Finding.REDUNDANT:
            return test.mean < -self.margin
        most = SEEDS[-1]
        reach = t_quantile(1 - ALPHA, most - 1) * test.std / math.sqrt(most)
        if not self._patient and test.mean + reach >= self.margin:
            return False
        return row.finding == Finding.INCONCLUSIVE and test.mean <= self.margin

    def _usual_margin(self) -> float:
        scores = self.scores()
        if self._bench.objective == "final":
            if get_track(self._bench.settings.track).metric.log:
                return MARGIN_LOG10
            return MARGIN_SHARE * abs(sum(scores)) / len(scores) if scores else 0.0
        return max(2.0, MARGIN_STEPS * sum(scores) / len(scores)) if scores else 2.0


def removal(
    parted: Parted,
    scale: str,
    finding: Finding,
    test: PairedTest | None = None,
    failed: str | None = None,
    *,
    margin: float | None = None,
) -> Removal:
    """A removal with what its test says."""
    return Removal(
        scale=scale,
        finding=finding,
        delta=test.mean if test else None,
        interval=test.interval if test else None,
        seeds=len(test.differences) if test else None,
        test=test,
        failed=failed,
        parts=parted,
        margin=margin,
    )
