"""What a study's screen has measured: candidates are searched there, and the best become trials."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from agent.proposers.diversity import diverse
from agent.proposers.prior import Prior
from agent.proposers.proposer import Proposer, Seen, ranked
from agent.study.remembered import remembered
from agent.study.samplers import ROUNDS
from search_space.part import Structure
from search_space.spec import Spec, SpecJson, make_spec

RANDOM = 80
"""Candidates that are drawn from the prior before any is learned from others."""


class Screen(Protocol):
    """Measures `count` specs that are proposed for a trial, at a small scale."""

    count: int

    def measured(self, specs: Sequence[Spec]) -> list[Seen]: ...


class Candidates:
    """All specs that were screened for the trials of a study, with their places at the screen."""

    def __init__(self) -> None:
        self._of_trial: dict[int, list[Seen]] = {}

    def read(self, trial: int, written: Sequence[tuple[SpecJson, float, float]]) -> None:
        """Those that were kept with a trial, unless they are known."""
        if trial not in self._of_trial:
            self._of_trial[trial] = _read(written)

    def keep(self, trial: int, measured: Sequence[Seen]) -> Any:
        """Those of a trial, in place of any before; returns what to write, so that a resumed study
        has them."""
        self._of_trial[trial] = list(measured)
        return [[one.spec.to_json(), *one.place] for one in measured]

    def searched(
        self,
        trial: int,
        proposer: Proposer,
        structure: Structure,
        draw: np.random.Generator,
        screen: Screen,
    ) -> list[Seen]:
        """More of them for a trial, each round of proposals learned from all candidates so far."""
        known, measured = self._before(trial), list[Seen]()
        for _ in range(ROUNDS):
            learned_from = [*known, *measured]
            source = proposer if len(learned_from) >= RANDOM else Prior()
            specs = source.propose(learned_from, structure, draw, screen.count)
            measured += screen.measured(specs)
        return measured

    def promising(self, trial: int, tried: Sequence[Spec]) -> Spec | None:
        """A good candidate for a trial, none of those `tried` and unlike them; None where there is
        none.

        What is best at the screen may be nothing at full scale, and then its likes should not take
        all trials; other numbers are for refinements.
        """
        measured = ranked([*self._before(trial), *self._of_trial[trial]])
        known = {spec.identifier for spec in tried}
        left = [one for one in measured if one.complete and one.spec.identifier not in known]
        return next(iter(diverse([one.spec for one in left], 1, tried)), None)

    def _before(self, trial: int) -> list[Seen]:
        """The remembered ones of other trials, in order, each spec once."""
        seen: dict[str, Seen] = {}
        for number in sorted(self._of_trial.keys() - {trial}):
            for one in self._of_trial[number]:
                seen.setdefault(one.spec.identifier, one)
        return remembered(list(seen.values()), lambda one: one.place)


def _read(written: Sequence[tuple[SpecJson, float, float]]) -> list[Seen]:
    """Without those from when the space had other parts."""
    found = []
    for spec, stage, value in written:
        try:
            found.append(Seen(make_spec(spec), (stage, value)))
        except ValueError:
            continue
    return found
