"""A Parzen estimator over the decision tree of specs: more of what good trials have."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from agent.proposers.proposer import FAILED, Proposer, Seen, ranked
from agent.proposers.species import members
from search_space.mutate import Drawn, Mutated, shares
from search_space.part import Param, Structure
from search_space.registry import get_kind
from search_space.spec import Choice, Spec
from search_space.walk import Make, Place, walk

GOOD = 0.15
"""Share of the trials that count as good."""
MOST = 25
CANDIDATES = 24
"""Choices drawn for each place."""
RATE = 0.15
"""Of the decisions in a candidate that differ from those of the good trial it comes from."""
WIDTH = 0.12
"""Of a kernel, as a share of a number's range."""
PRIOR = 1.0
"""Weight of the prior, in trials."""
LAST = 0.5
"""Weight of the last good trial; the first one's is 1."""
CODED = 65536
"""Choices whose numbers are kept, so that those of a study are coded once."""
ABSENT = -0.3
"""Where an optional number lies that is zero, beside a range from 0 to 1."""


class Parzen(Proposer):
    """At every place of the walk, the candidate with the largest l(c) / g(c).

    l and g are kernel estimates of what good and other trials have at that place:
    l(c) = (sum_i w_i k(c, c_i) + a p(c)) / (sum_i w_i + a), with k = 0 for two parts, and
    exp(-d^2 / 2 h^2) for two settings of one part, d the distance of their numbers as shares of the
    ranges; p is the prior. So a part and its numbers are modelled together, and conditionally on
    the parts before it, which decide what is offered. After the tree-structured Parzen estimator
    (Bergstra et al. 2011), which models every number alone.
    """

    def propose(
        self,
        seen: Sequence[Seen],
        structure: Structure,
        draw: np.random.Generator,
        count: int = 1,
        within: str | None = None,
    ) -> list[Spec]:
        own = members(seen, within)
        most = min(MOST, max(2, math.ceil(GOOD * len(own))))
        good = [one.spec for one in ranked(own)[:most] if one.place != FAILED]
        taken = {spec.identifier for spec in good}
        rest = [one.spec for one in ranked(seen) if one.spec.identifier not in taken]
        by_density = _ByDensity(draw, good, rest)
        return [walk(by_density, structure, coordinates=within) for _ in range(count)]


class _ByDensity(Drawn):
    """Decisions by what good trials have and the others do not."""

    def __init__(
        self, draw: np.random.Generator, good: Sequence[Spec], rest: Sequence[Spec]
    ) -> None:
        super().__init__(draw)
        self._good, self._rest = good, rest
        self._weights = np.linspace(1.0, LAST, len(good))

    def gate(self, name: str, chance: float, known: bool | None) -> bool:
        """Of the second phase, the only one outside a choice: as often as good trials have it."""
        have = sum(len(spec.phases) > 1 for spec in self._good)
        return super().gate(name, (have + PRIOR * chance) / (len(self._good) + PRIOR), known)

    def number(
        self, name: str, param: Param, low: float, high: float, known: float | None
    ) -> float:
        """The start of the second phase: near that of a good trial that has one."""
        starts = [spec.phases[1].start for spec in self._good if len(spec.phases) > 1]
        index = self.draw.integers(len(starts) + 1)
        near = starts[index] if index < len(starts) else None
        return Mutated(self.draw, RATE).number(name, param, low, high, near)

    def choice(self, place: Place, known: Choice | None, make: Make) -> Choice:
        good = [place.of(spec) for spec in self._good]
        rest = [place.of(spec) for spec in self._rest]
        near, free = Mutated(self.draw, RATE), Drawn(self.draw)
        chances = np.append(self._weights, PRIOR)
        drawn = self.draw.choice(len(chances), CANDIDATES, p=chances / chances.sum())
        candidates = [make(near, good[i]) if i < len(good) else make(free, None) for i in drawn]
        points = Points(place, candidates)
        ratio = points.density(good, self._weights) / points.density(rest, np.ones(len(rest)))
        return candidates[int(ratio.argmax())]


@dataclass
class Points:
    """Choices at one place, as parts and as shares of their numbers' ranges."""

    place: Place
    choices: Sequence[Choice]
    _numbers: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self._numbers = np.stack([self._shares(choice) for choice in self.choices])

    def density(self, others: Sequence[Choice], weights: np.ndarray) -> np.ndarray:
        """[choices], the kernel estimate of `others` with the prior."""
        total = weights.sum() + PRIOR
        estimate = PRIOR * self._prior()
        if others:
            parts = np.array([choice.part for choice in self.choices])
            same = parts[:, None] == np.array([choice.part for choice in others])
            numbers = np.stack([self._shares(choice) for choice in others])
            squared = ((self._numbers[:, None] - numbers) ** 2).sum(axis=2)
            estimate = estimate + (same * np.exp(-squared / (2 * WIDTH**2))) @ weights
        return np.asarray(estimate / total)

    def _prior(self) -> np.ndarray:
        """Half the probability of the part, whatever its numbers."""
        kind = self.place.kind
        other = kind.chance / max(1, len(kind.parts) - 1)
        return np.array(
            [(1 - kind.chance if c.part == kind.neutral else other) / 2 for c in self.choices]
        )

    def _shares(self, choice: Choice) -> np.ndarray:
        return _coded(self.place.kind.name, choice)


@lru_cache(CODED)
def _coded(kind_name: str, choice: Choice) -> np.ndarray:
    kind = get_kind(kind_name)
    found = np.zeros(max(len(kind.params(part.name)) for part in kind.parts))
    for index, (_, part) in enumerate(shares(kind, choice)):
        found[index] = ABSENT if part is None else part
    return found
