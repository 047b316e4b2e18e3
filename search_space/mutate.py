"""Random specs, and specs changed a little: mutation and crossover."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from search_space.part import Kind, Param, Structure
from search_space.spec import Choice, Choices, Spec
from search_space.walk import Decisions, walk

MOVE = 0.15
"""Standard deviation of a moved number, as a share of its range."""
REDRAWN = 0.3
"""Of the numbers that change, how many are drawn from the whole range."""


class Drawn(Decisions):
    """Every decision drawn from the prior, whatever the known spec has."""

    def __init__(self, draw: np.random.Generator) -> None:
        self.draw = draw

    def gate(self, name: str, chance: float, known: bool | None) -> bool:
        return bool(self.draw.random() < chance)

    def part(self, name: str, offered: list[str], known: str | None) -> str:
        return offered[self.draw.integers(len(offered))]

    def number(
        self, name: str, param: Param, low: float, high: float, known: float | None
    ) -> float:
        return at_share(self.draw.random(), param, low, high)


class Mutated(Drawn):
    """Every decision kept with probability 1 - `rate`, and otherwise drawn from the prior.

    Of the numbers that change, most move by a normal step instead.
    """

    redrawn, step = REDRAWN, MOVE

    def __init__(self, draw: np.random.Generator, rate: float) -> None:
        super().__init__(draw)
        self._rate = rate

    def gate(self, name: str, chance: float, known: bool | None) -> bool:
        return known if known is not None and self._keeps() else super().gate(name, chance, known)

    def part(self, name: str, offered: list[str], known: str | None) -> str:
        return known if known in offered and self._keeps() else super().part(name, offered, known)

    def number(
        self, name: str, param: Param, low: float, high: float, known: float | None
    ) -> float:
        if known is None or not low <= known <= high:
            return super().number(name, param, low, high, known)
        if self._keeps():
            return known
        if self.draw.random() < self.redrawn:
            return super().number(name, param, low, high, known)
        moved = share(known, param, low, high) + self.step * self.draw.normal()
        return at_share(min(max(moved, 0.0), 1.0), param, low, high)

    def _keeps(self) -> bool:
        return bool(self.draw.random() >= self._rate)


class Moved(Mutated):
    """Every gate and part kept, and numbers moved with probability `rate` by normal steps.

    `step` is their standard deviation, as a share of a number's range.
    """

    redrawn = 0.0

    def __init__(self, draw: np.random.Generator, rate: float, step: float) -> None:
        super().__init__(draw, rate)
        self.step = step

    def gate(self, name: str, chance: float, known: bool | None) -> bool:
        return bool(known)

    def part(self, name: str, offered: list[str], known: str | None) -> str:
        assert known in offered, f"{name}: {known}"
        return known


class Neighbour(Mutated):
    """The decision with this number changed, and those that it brings drawn; all others kept.

    No phase is added: it would be a copy of the first, and change nothing.
    """

    def __init__(self, draw: np.random.Generator, changed: int | None) -> None:
        super().__init__(draw, 0.0)
        self.changed, self.asked = changed, 0

    def gate(self, name: str, chance: float, known: bool | None) -> bool:
        if known is None:
            return super().gate(name, chance, known)
        if name == "phases" and not known:
            return False
        return known if self._keeps() else not known

    def part(self, name: str, offered: list[str], known: str | None) -> str:
        if known not in offered:
            return super().part(name, offered, None)
        others = [part for part in offered if part != known]
        return known if self._keeps() or not others else super().part(name, others, None)

    def _keeps(self) -> bool:
        self.asked += 1
        return self.asked - 1 != self.changed


def mutated(
    spec: Spec,
    draw: np.random.Generator,
    rate: float,
    structure: Structure,
    coordinates: str | None = None,
) -> Spec:
    """`spec` with each decision changed with probability `rate`: a part exchanged, a number moved,
    a phase added as a changed copy of the first, or dropped. With `coordinates` it has these."""
    return walk(Mutated(draw, rate), structure, spec, coordinates)


def neighbour(
    spec: Spec, draw: np.random.Generator, structure: Structure, coordinates: str | None = None
) -> Spec:
    """`spec` with one decision changed, each with the same probability: something optional put in
    or left out, a part exchanged, a number moved. With `coordinates` it has these."""
    counted = Neighbour(draw, None)
    walk(counted, structure, spec, coordinates)
    return walk(Neighbour(draw, int(draw.integers(counted.asked))), structure, spec, coordinates)


def moved(
    spec: Spec, draw: np.random.Generator, rate: float, step: float, structure: Structure
) -> Spec:
    """`spec` with each number moved with probability `rate`, by `step` of its range, and all parts
    as they are."""
    return walk(Moved(draw, rate, step), structure, spec)


def crossed(one: Spec, other: Spec, draw: np.random.Generator) -> Spec:
    """For each kind the choice of one of two parents, in each phase.

    A part may stand there without one that it requires; `mutated` replaces it.
    """

    def mixed(first: Choices, second: Choices) -> tuple[tuple[str, Choice], ...]:
        pairs = zip(first.choices, second.choices, strict=True)
        return tuple(a if draw.random() < 0.5 else b for a, b in pairs)

    outline = one if draw.random() < 0.5 else other
    phases = []
    for index, phase in enumerate(outline.phases):
        first, second = (of.phases[min(index, len(of.phases) - 1)] for of in (one, other))
        phases.append(replace(phase, choices=mixed(first, second)))
    return Spec(Choices(mixed(one.run, other.run)), tuple(phases))


def at_share(share: float, param: Param, low: float, high: float) -> float:
    """The value at a share of the range, from 0 to 1, on the scale on which `param` is drawn."""
    if param.complement:
        value = 1 - _at_share_of_logs(share, 1 - high, 1 - low)
    elif param.log:
        value = _at_share_of_logs(share, low, high)
    else:
        value = low + share * (high - low)
    # at an end of the range it may be rounded to a number outside
    return min(max(value, low), high)


def share(value: float, param: Param, low: float, high: float) -> float:
    """Where a value lies in its range, from 0 to 1; the inverse of `at_share`."""
    if param.complement:
        return _share_of_logs(1 - value, 1 - high, 1 - low)
    if param.log:
        return _share_of_logs(value, low, high)
    return (value - low) / (high - low)


def shares(kind: Kind, choice: Choice) -> Iterator[tuple[str, float | None]]:
    """Each number of a choice by name, as a share of its range; None: optional, and off."""
    for param in kind.params(choice.part):
        value = choice[param.name]
        off = param.optional and value == 0
        yield param.name, None if off else share(value, param, param.low, param.high)


def _at_share_of_logs(share: float, low: float, high: float) -> float:
    return math.exp(math.log(low) + share * math.log(high / low))


def _share_of_logs(value: float, low: float, high: float) -> float:
    return math.log(value / low) / math.log(high / low)
