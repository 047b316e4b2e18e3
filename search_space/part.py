"""What a part is: a choice within a kind, with its parameters, its mathematics and its code."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

Value = float
Params = Mapping[str, Value]

SIGNIFICANT_DIGITS = 3


@dataclass(frozen=True)
class Param:
    """A number of a part: range [low, high] with both ends included; `meaning` gives its unit.

    With `log` it is sampled in the logarithm; with `complement`, as log(1 - value), which suits
    decay rates close to one. `constant` is its name in rendered code.
    """

    name: str
    constant: str
    low: float
    high: float
    default: float
    meaning: str
    log: bool = False
    complement: bool = False

    def __post_init__(self) -> None:
        if not self.low <= self.default <= self.high:
            raise ValueError(
                f"{self.name}: low <= default <= high must hold, but got "
                f"({self.low}, {self.default}, {self.high})"
            )

    def clean(self, value: float) -> float:
        """`value` with the digits that matter, so that a reader can copy it; checked for range."""
        if not (math.isfinite(value) and self.low <= value <= self.high):
            raise ValueError(
                f"{self.name}: expected a number from {self.low:g} to {self.high:g}, got {value!r}"
            )
        if self.complement:
            value = 1.0 - _significant(1.0 - value)
            return min(max(round(value, 12), self.low), self.high)
        return min(max(_significant(value), self.low), self.high)


def _significant(value: float) -> float:
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")


@dataclass(frozen=True)
class Part:
    """One choice of a kind.

    `formula` says in mathematics what it does to the update U (or to the step size eta), `source`
    where it comes from. `update` is code inside the loop over parameters: it may read `p`, `grad`,
    `state`, `lr`, `update` and the step number `t` (from 1), and sets `update` or changes `p`.
    `helpers` are module-level functions it calls; `imports` are modules of the standard library.
    """

    name: str
    summary: str
    formula: str
    source: str
    params: tuple[Param, ...] = ()
    update: str = ""
    helpers: str = ""
    imports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """Parts of which a spec has exactly one. `neutral` names the one that switches the kind off.

    `shared` are parameters that every part of the kind has and that survive a change of part.
    """

    name: str
    summary: str
    neutral: str
    parts: tuple[Part, ...]
    shared: tuple[Param, ...] = field(default=())

    def part(self, name: str) -> Part:
        for part in self.parts:
            if part.name == name:
                return part
        names = ", ".join(part.name for part in self.parts)
        raise ValueError(f"{self.name}: no part named {name!r}; there are: {names}")

    def params(self, part: str) -> tuple[Param, ...]:
        return self.shared + self.part(part).params
