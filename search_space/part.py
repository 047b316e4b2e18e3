"""Parts, their parameters and kinds: the vocabulary of the search space, as types."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

Structure = Literal["any", "attention", "tables"]

SIGNIFICANT_DIGITS = 4
CHANCE, CORE_CHANCE = 0.25, 0.9
"""Probabilities that a random spec has another part than the neutral one of a kind."""
JOINT = r"[\s_\u2010-\u2015-]{0,12}"
"""Separators between the words of a name: in prose, across line ends, and in code."""


@dataclass(frozen=True)
class Param:
    """A number of a part: range [low, high] with both ends included; `meaning` gives its unit.

    With `log` it is sampled in the logarithm; with `complement`, as log(1 - value), which suits
    decay rates close to one. An `optional` one may also be zero: then lines of code and formulas
    that end in `#if CONSTANT` are left out, and those that end in `#unless CONSTANT` come in. A
    `whole` one is an integer. One that came `later` than its part is not recorded at its default,
    so that specs from before keep their identifier. `constant` is its name in rendered code.
    """

    name: str
    constant: str
    low: float
    high: float
    default: float
    meaning: str
    log: bool = False
    complement: bool = False
    optional: bool = False
    whole: bool = False
    later: bool = False

    def __post_init__(self) -> None:
        if not (self.low <= self.default <= self.high or (self.optional and self.default == 0)):
            raise ValueError(
                f"{self.name}: low <= default <= high must hold, but got "
                f"({self.low}, {self.default}, {self.high})"
            )

    def clean(self, value: float) -> float:
        """`value` with the digits that matter, so that a reader can copy it; checked for range."""
        if self.optional and value == 0:
            return 0.0
        if not (math.isfinite(value) and self.low <= value <= self.high):
            zero = "0 or " if self.optional else ""
            raise ValueError(
                f"{self.name}: expected {zero}a number from {self.low:g} to {self.high:g}, "
                f"got {value!r}"
            )
        if self.whole:
            if value != round(value):
                raise ValueError(f"{self.name}: expected a whole number, got {value!r}")
            return round(value)
        if self.complement:
            value = 1.0 - rounded(1.0 - value)
            return min(max(round(value, 12), self.low), self.high)
        return min(max(rounded(value), self.low), self.high)


def rounded(value: float) -> float:
    """`value` with the digits that matter, so that a reader can copy it."""
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")


def either(*names: str) -> str:
    """A signature: one of these regular expressions, not as a piece of a longer word.

    A blank in a name stands for whatever joins words: blanks, a hyphen, an underscore, nothing. An
    underscore or a digit ends a word: `soap` is found in `soap_step`, but not in `soapy`.
    """
    joined = "|".join(names).replace(" ", JOINT)
    return f"(?<![a-z])(?:{joined})(?![a-z])"


@dataclass(frozen=True)
class Part:
    """One choice of a kind.

    `formula` is its mathematics, `source` its origin. Its code is text that calls functions of
    `search_space.rules` and names its constants:

    - `setup` runs once at construction, then `enter`, which runs again where blocks change;
    - `prepare` runs each step before the loop over blocks, `finish` after it;
    - `update` runs in the loop and sets `update` from `grad`, `after` runs after `value` has moved.

    There `value`, `grad`, `update` are tensors of one block, `state` is its dictionary of tensors,
    `block` itself a `Block`, `blocks` all of them, `lr` the step size, `t` the block's step from 1,
    `x` the fraction of the run. Code that names `block` or `blocks` makes a file use `Block`.

    `matrix_only`: the update is for matrices; other tensors are scaled to unit rms instead.
    `unless_role`: of the kind `vectors`, the role of the matrices that it leaves to the others;
    it updates all other blocks. `requires` names, by kind, the parts of which it needs one.
    `structure` is the kind of model on which it has an effect. `patterns` are the functions that
    find the blocks it needs. `step_sizes` is the range of peak step sizes that suits a direction.
    `note` is for the page of components: what holds beside other parts, or in a later phase.
    `signature` is a regular expression, searched without regard to case, by which a survey
    recognises the part in prose or code; empty where there is none.
    """

    name: str
    summary: str
    formula: str = ""
    source: str = ""
    params: tuple[Param, ...] = ()
    setup: str = ""
    enter: str = ""
    prepare: str = ""
    update: str = ""
    after: str = ""
    finish: str = ""
    matrix_only: bool = False
    unless_role: str = ""
    requires: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    structure: Structure = "any"
    patterns: tuple[str, ...] = ()
    step_sizes: tuple[float, float] = (5e-4, 2.0)
    note: str = ""
    signature: str = ""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The signature, compiled; ValueError where it is no regular expression."""
        try:
            return re.compile(self.signature, re.IGNORECASE)
        except re.error as error:
            raise ValueError(
                f"{self.name}: the signature is no regular expression: {error}"
            ) from error

    @property
    def code(self) -> str:
        """The code of all stages."""
        return "\n".join(
            (self.setup, self.enter, self.prepare, self.update, self.after, self.finish)
        )

    @property
    def formulas(self) -> list[str]:
        """The formula's lines, with the marks of those that depend on an optional number."""
        return [line for line in re.split(r";\s+", self.formula) if line]


@dataclass(frozen=True)
class Kind:
    """Parts of which each phase, or the whole run, has exactly one; the first is the neutral one.

    `core` ones are what most optimizers consist of. `shared` are parameters that every part of the
    kind has and that survive a change of part. The registry fills in `parts`: those of the file
    that declares the kind, in their order.
    """

    name: str
    summary: str
    core: bool = False
    shared: tuple[Param, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def chance(self) -> float:
        """The probability that a random spec has another than the neutral part."""
        return CORE_CHANCE if self.core else CHANCE

    @property
    def neutral(self) -> str:
        """The name of the part that switches the kind off."""
        return self.parts[0].name

    def part(self, name: str) -> Part:
        for part in self.parts:
            if part.name == name:
                return part
        names = ", ".join(part.name for part in self.parts)
        raise ValueError(f"{self.name}: no part named {name[:60]!r}; there are: {names}")

    def params(self, part: str) -> tuple[Param, ...]:
        return self.shared + self.part(part).params
