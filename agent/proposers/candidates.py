"""What a study's screen has measured: candidates are searched there, and the best become trials."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from agent.knowledge.tried import parts_in
from agent.proposers.discrepancy import corrected
from agent.proposers.diversity import distinct, is_copy, unlike
from agent.proposers.prior import Prior
from agent.proposers.proposer import FAILED, Proposer, Seen
from agent.proposers.species import APART, is_known, members, rarest
from agent.study.remembered import remembered
from agent.study.samplers import ROUNDS
from search_space.part import Structure
from search_space.spec import Spec, SpecJson, identifier_of, make_spec

RANDOM = 80
"""Candidates that are drawn from the prior before any is learned from others, as many of each
species."""
Row = tuple[SpecJson, float, float, float | None]
"""A spec, its place and its last training loss, which earlier versions did not keep."""

EQUAL, ENOUGH = 0.01, 8
"""The screen ranks no longer where eight candidates of different parts are within this share of the
best value."""


class Screen(Protocol):
    """Measures `count` specs that are proposed for a trial, at a small scale.

    `searched` says whether trials are chosen from all candidates.
    """

    count: int
    searched: bool

    def measured(self, specs: Sequence[Spec]) -> list[Seen]: ...


class Candidates:
    """All specs that were screened for the trials of a study, with their places at the screen.

    Of a long study only those that are remembered are read.
    """

    def __init__(self) -> None:
        self._written: dict[int, Sequence[Row]] = {}
        self._read: dict[tuple[int, int], Seen | None] = {}
        """By trial and place in its row."""
        self._complete: set[int] = set()
        """Trials whose candidates are all known."""
        self._all: list[Seen] | None = None
        """What is remembered, until something is added."""
        self._identifiers: set[str] = set()
        """Of all of them, also those that are not remembered."""
        self.tried: Sequence[Seen] = ()
        """The other trials. A candidate that failed as a trial has no children, whatever it was at
        the screen."""

    def add(self, trial: int, written: Sequence[Row], *, ended: bool = True) -> None:
        """Those that were kept with a trial, unless they are known. To one that has not `ended`
        its coordinator may add more, or another measure them again."""
        if trial in self._complete:
            return
        if ended:
            self._complete.add(trial)
        # JSON has lists for the rows that this process keeps as tuples
        if [tuple(row) for row in self._written.get(trial, ())] == [tuple(row) for row in written]:
            return
        self._forget(trial)
        self._written[trial] = written
        self._identifiers |= {identifier_of(spec) for spec, *_ in written}

    def begin(self, trial: int) -> None:
        """Forget what a killed process has kept with it, which is measured again."""
        self._forget(trial)

    def keep(self, trial: int, measured: Sequence[Seen]) -> Any:
        """Add to those of a trial; returns what to write, so that a resumed study has them."""
        before = self._written.get(trial, [])
        rows: list[Row] = [(one.spec.to_json(), *one.place, one.last_loss) for one in measured]
        self._written[trial] = [*before, *rows]
        self._read |= {(trial, len(before) + index): one for index, one in enumerate(measured)}
        self._identifiers |= {one.spec.identifier for one in measured}
        self._all = None
        return self._written[trial]

    def _forget(self, trial: int) -> None:
        for index in range(len(self._written.pop(trial, ()))):
            self._read.pop((trial, index), None)
        self._all = None

    def unmeasured(self) -> list[Spec]:
        """Trials that were never at the screen, such as recipes: what copies them is not known."""
        done = [one.spec for one in self.tried if one.place != FAILED]
        return [spec for spec in done if spec.identifier not in self._identifiers]

    def search(
        self,
        proposer: Proposer,
        structure: Structure,
        draw: np.random.Generator,
        screen: Screen,
    ) -> list[Seen]:
        """More of them for a trial, each round of proposals learned from all candidates so far."""
        known, measured = self._remembered(), list[Seen]()
        for _ in range(ROUNDS):
            seen = [*known, *measured]
            early = len(seen) < RANDOM
            apart = early or draw.random() < APART
            within = rarest(seen, structure) if apart else None
            seen = self._judged(seen, within)
            new = within is not None and not is_known(seen, within)
            source = Prior() if early or new else proposer
            specs = source.propose(seen, structure, draw, screen.count, within)
            measured += screen.measured(specs)
        return measured

    def exhausted(self) -> bool:
        """Whether the best are as good as equal, so that a search would find nothing better."""
        failed = self._failed()
        values = [
            (one.place[1], one.spec)
            for one in self._remembered()
            if one.complete and one.spec.identifier not in failed
        ]
        least = min((value for value, _ in values), default=0.0)
        best = [spec for value, spec in values if value - least <= EQUAL * abs(least)]
        # one set of parts may have the same value with many numbers
        return len({parts_in(spec) for spec in best}) >= ENOUGH

    def promising(self) -> Spec | None:
        """A good candidate, new and unlike what was tried; None where there is none.

        What is best at the screen may be nothing at full scale, and then its likes should not take
        all trials; other numbers are for refinements.
        """
        measured = self._remembered()
        new = {one.spec.identifier for one in self.new(measured)}
        left = [one.spec for one in distinct(self._judged(measured))]
        tried = [one.spec for one in self.tried]
        return unlike([spec for spec in left if spec.identifier in new], tried)

    def new(self, measured: Sequence[Seen]) -> list[Seen]:
        """Those of them that are no trial yet, and no copy of one."""
        known = {one.spec.identifier for one in self.tried}
        done = [one for one in self._remembered() if one.spec.identifier in known]
        return [one for one in measured if not any(is_copy(one, of) for of in done)]

    def _judged(self, measured: Sequence[Seen], within: str | None = None) -> list[Seen]:
        """With the places that are learned from, as trials came out.

        Within a species its own trials tell: that others came out better than it says nothing of
        what is best in it.
        """
        failed = self._failed()
        return [
            replace(one, place=FAILED) if one.spec.identifier in failed else one
            for one in corrected(measured, members(self.tried, within))
        ]

    def _failed(self) -> set[str]:
        """Identifiers of those that failed as trials."""
        return {one.spec.identifier for one in self.tried if one.place == FAILED}

    def _remembered(self) -> list[Seen]:
        """Those of all trials, in order, each spec once."""
        if self._all is not None:
            return self._all
        rows = [
            (number, index, row)
            for number, written in sorted(self._written.items())
            for index, row in enumerate(written)
        ]
        seen: dict[str, Seen] = {}
        for number, index, row in remembered(rows, lambda one: (one[2][1], one[2][2])):
            if (number, index) not in self._read:
                self._read[number, index] = _seen(row)
            if one := self._read[number, index]:
                seen.setdefault(one.spec.identifier, one)
        self._all = list(seen.values())
        return self._all


def _seen(row: Row) -> Seen | None:
    """None from when the space had other parts."""
    spec, stage, value, *loss = row
    try:
        return Seen(make_spec(spec), (stage, value), *loss)
    except ValueError:
        return None
