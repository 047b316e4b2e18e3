"""What a mechanism's docstring says: summary, formula, source, and the ranges of its numbers.

    Pulls every row back to the direction that it had at first.

    Formula: U <- U + s (w / |w| - P), P the first w / |w|
    Source: this project
    For: matrices
    strength: 0.01 to 1, s, in units of the update

The last two may be missing: then it is for every block, and a number ranges from a tenth of its
default to ten times it.
"""

import ast
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

ENTRY = re.compile(r"(\w+):\s*(.*)")
NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
RANGE = re.compile(rf"{NUMBER} to {NUMBER}(?:,\s*|$)")
LONGEST_FORMULA = 90
LONGEST_MEANING = 60


@dataclass(frozen=True)
class Number:
    """A keyword argument: its default, the range it may have, and what it means."""

    name: str
    low: float
    high: float
    default: float
    meaning: str

    @property
    def is_share(self) -> bool:
        """Whether it is one that is kept, such as a decay rate close to one."""
        return self.low > 0 and 0.9 < self.high < 1 and self.default > 0.5

    @property
    def is_size(self) -> bool:
        """Whether its logarithm is what matters."""
        return not self.is_share and self.low > 0 and self.high >= 10 * self.low


@dataclass(frozen=True)
class MechanismText:
    """In words; `matrices` says whether it is for matrices only."""

    summary: str
    formula: str
    source: str
    matrices: bool
    numbers: tuple[Number, ...]


def read_text(
    function: ast.FunctionDef, defaults: Mapping[str, float], cited: str = ""
) -> MechanismText:
    """The docstring, with `cited` as the source where it is not empty. ValueError."""
    try:
        return _read(ast.get_docstring(function) or "", function.name, defaults, cited)
    except ValueError as error:
        raise ValueError(f"{function.name}: {error}") from error


def _read(docstring: str, name: str, defaults: Mapping[str, float], cited: str) -> MechanismText:
    entries = _entries(docstring)
    summary = docstring.split("\n")[0].strip().rstrip(".")
    if not summary[1:2].isupper():
        summary = summary[:1].lower() + summary[1:]
    formula, source = entries.get("Formula", ""), cited or entries.get("Source", "").rstrip(".")
    for what, text in {"first line": summary, "Formula:": formula, "Source:": source}.items():
        if not text:
            raise ValueError(f"its docstring has no {what}; docs/adopting.md shows one")
    for text in (summary, formula, source, *entries.values()):
        if "\\" in text or '"""' in text or not text.isprintable():
            raise ValueError("expected a docstring of plain lines, without backslashes")
    if any(len(line) > LONGEST_FORMULA for line in re.split(r";\s+", formula)):
        raise ValueError(f"its formula has a line of over {LONGEST_FORMULA} characters; use '; '")
    meant = entries.get("For", "all")
    if meant not in ("all", "matrices"):
        raise ValueError(f"For: expected all or matrices, got {meant[:60]!r}")
    numbers = [
        _number(number, default, entries.get(number, ""), name)
        for number, default in defaults.items()
    ]
    return MechanismText(summary, formula, source, meant == "matrices", tuple(numbers))


def _entries(docstring: str) -> dict[str, str]:
    """Lines such as `Formula: ...` by their first word, with the indented lines that follow."""
    entries: dict[str, str] = {}
    name = ""
    for line in docstring.split("\n")[1:]:
        if entry := ENTRY.fullmatch(line):
            name = entry[1]
            entries[name] = entry[2].strip()
        elif name and line.startswith(" "):
            entries[name] += " " + line.strip()
        else:
            name = ""
    return entries


def _number(name: str, default: float, entry: str, owner: str) -> Number:
    given = RANGE.match(entry)
    meaning = (entry[given.end() :] if given else entry) or f"{name} of {owner}"
    if len(meaning) > LONGEST_MEANING:
        raise ValueError(f"{name}: expected a meaning of at most {LONGEST_MEANING} characters")
    how = f"; expected a line `{name}: LOW to HIGH, what it means`"
    if given:
        low, high = float(given[1]), float(given[2])
    elif default <= 0:
        raise ValueError(f"{name}: a default of {default:g} tells no range{how}")
    elif 0.5 < default < 1:
        raise ValueError(f"{name}: {default:g} may be a share that is kept or a size{how}")
    else:
        low, high = float(f"{default / 10:.4g}"), float(f"{default * 10:.4g}")
    if not (low < high and low <= default <= high and math.isfinite(high - low)):
        raise ValueError(f"{name}: the default {default:g} is not from {low:g} to {high:g}{how}")
    return Number(name, low, high, default, meaning)
