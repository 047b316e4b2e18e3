"""The alpha ledger: what each comparison of a study may spend, so that all together spend 1%."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from agent.study.study import Study

TOTAL = 0.01
"""Chance, at most, that a study ever promotes a challenger that is not better."""


def share(number: int) -> float:
    """Of the total, for comparison `number` from 1 on: 2/3, 1/6, 1/18, 1/36, ...; the sum is 1."""
    return 2 / 3 if number == 1 else 1 / (3 * number * (number - 1))


@dataclass(frozen=True)
class Comparison:
    """One challenger against one incumbent; `accepted` is None until it is decided."""

    key: str
    level: float
    accepted: bool | None = None


class AlphaLedger:
    """Gives each new comparison its level, in the order in which they come, for ever.

    Comparison k may err with probability level_k = total * share(k), and if comparison k - 1 ended
    with a promotion, its level is passed on in addition: the online fallback procedure (Tian and
    Ramdas 2021, arXiv:1910.04900). As long as no worthless challenger was promoted, no share has
    been used on two worthless ones, so the chance that one ever is stays below the total, whatever
    is compared and whenever the study ends.
    `save` is called with what to keep before a level may be used.
    """

    def __init__(
        self,
        kept: Sequence[dict[str, Any]] = (),
        save: Callable[[list[dict[str, Any]]], None] = lambda comparisons: None,
        total: float = TOTAL,
    ) -> None:
        self.total = total
        self.comparisons = [Comparison(**comparison) for comparison in kept]
        self._save = save

    def level(self, key: str) -> float:
        """The level of this comparison: the same again for one that has begun before."""
        for comparison in self.comparisons:
            if comparison.key == key:
                return comparison.level
        level = self.total * share(len(self.comparisons) + 1)
        if self.comparisons and self.comparisons[-1].accepted:
            level += self.comparisons[-1].level
        self.comparisons.append(Comparison(key, level))
        self._keep()
        return level

    def decide(self, key: str, accepted: bool) -> None:
        """Write down how a comparison ended."""
        decided = [replace(c, accepted=accepted) if c.key == key else c for c in self.comparisons]
        if decided != self.comparisons:
            self.comparisons = decided
            self._keep()

    @property
    def spent(self) -> float:
        """What all comparisons so far have used of the total; what was passed on counts once."""
        return sum(self.total * share(number + 1) for number in range(len(self.comparisons)))

    def _keep(self) -> None:
        self._save([asdict(comparison) for comparison in self.comparisons])


def alpha_of(study: Study) -> AlphaLedger:
    """What the comparisons of a study have spent; kept as `alpha.json`."""
    kept = study.read("alpha")

    def save(comparisons: list[dict[str, Any]]) -> None:
        study.write("alpha", {"comparisons": comparisons})

    return AlphaLedger(kept["comparisons"] if kept else (), save)
