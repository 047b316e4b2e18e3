"""The alpha ledger: each comparison's share, so that all of a study together spend 1%."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from agent.study.study import Study
from agent.verdict.comparison_keys import ComparisonKeys
from agent.verdict.stage_record import StageRecord

TOTAL = 0.01
"""Upper bound on the chance that a study ever promotes a challenger that is not better."""


def share(number: int) -> float:
    """Of the total, for comparison `number` from 1 on: 2/3, 1/6, 1/18, 1/36, ...; the sum is 1."""
    return 2 / 3 if number == 1 else 1 / (3 * number * (number - 1))


@dataclass(frozen=True)
class Comparison:
    """One challenger against one incumbent; `accepted` is None until it is decided."""

    key: str
    level: float
    accepted: bool | None = None


@dataclass(frozen=True)
class AlphaRecord(StageRecord):
    file: ClassVar[str] = "alpha"
    # without what the comparisons have spent, the study would err more often than it says
    cure: ClassVar[str] = "restore it from a copy, or begin another study"

    comparisons: tuple[Comparison, ...] = ()


class AlphaLedger:
    """Gives each new comparison its level, in order; a level once given never changes.

    Comparison k may err with probability level_k = TOTAL * share(k), and if comparison k - 1 ended
    with a promotion, its level is added: the online fallback procedure (Tian and Ramdas 2021,
    arXiv:1910.04900). As long as no worthless challenger was promoted, no share has been used on
    two worthless ones, so the chance that one ever is stays below the total, whatever is compared
    and whenever the study ends.
    `save` is called with all comparisons before a level may be used.
    """

    def __init__(
        self,
        kept: Sequence[Comparison] = (),
        save: Callable[[tuple[Comparison, ...]], None] = lambda comparisons: None,
    ) -> None:
        self.comparisons = tuple(kept)
        self._save = save

    def level(self, key: str) -> float:
        """The level of this comparison: the same again for one that has begun before."""
        for comparison in self.comparisons:
            if comparison.key == key:
                return comparison.level
        level = TOTAL * share(len(self.comparisons) + 1)
        if self.comparisons and self.comparisons[-1].accepted:
            level += self.comparisons[-1].level
        self._keep((*self.comparisons, Comparison(key, level)))
        return level

    def decide(self, key: str, accepted: bool) -> None:
        """Record how a comparison ended."""
        decided = [replace(c, accepted=accepted) if c.key == key else c for c in self.comparisons]
        if tuple(decided) != self.comparisons:
            self._keep(tuple(decided))

    @property
    def spent(self) -> float:
        """Alpha used by all comparisons so far; a level passed on by a promotion counts once."""
        return sum(TOTAL * share(number + 1) for number in range(len(self.comparisons)))

    def _keep(self, comparisons: tuple[Comparison, ...]) -> None:
        self.comparisons = comparisons
        self._save(comparisons)


def alpha_of(study: Study) -> AlphaLedger:
    """The alpha ledger of a study, kept as `alpha.json`.

    Where that was lost, every comparison whose key was drawn has spent its share.
    """
    kept = AlphaRecord.of(study)
    comparisons = kept.comparisons if kept else _begun(study)
    return AlphaLedger(comparisons, lambda decided: AlphaRecord(decided).keep(study))


def _begun(study: Study) -> tuple[Comparison, ...]:
    ledger = AlphaLedger()
    for key in ComparisonKeys(study).drawn():
        ledger.level(key)
    return ledger.comparisons
