"""A spec: the parts of an optimizer with their numbers, by phase."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from search_space.part import Kind, Part, rounded
from search_space.registry import PHASE_KINDS, RUN_KINDS, get_kind

CONDITION = re.compile(r"  #(if|unless) (\w+)$")
MAX_PHASES = 4
SpecJson = dict[str, Any]
"""A spec, or a part of one, as `make_spec` reads it."""
LABEL_ORDER = ("coordinates", "precondition", "direction", "momentum", "schedule")


@dataclass(frozen=True)
class Choice:
    """A part by name and its numbers, in the order in which the part declares them."""

    part: str
    params: tuple[tuple[str, float], ...] = ()

    def __getitem__(self, name: str) -> float:
        return dict(self.params)[name]


@dataclass(frozen=True)
class Choices:
    """One choice for each of some kinds, in their order."""

    choices: tuple[tuple[str, Choice], ...]

    def __getitem__(self, kind: str) -> Choice:
        return dict(self.choices)[kind]

    def part(self, kind: str) -> Part:
        return get_kind(kind).part(self[kind].part)

    def parts(self) -> list[Part]:
        return [self.part(kind) for kind, _ in self.choices]

    def asked_for(self, kind: str, lines: Iterable[str]) -> list[str]:
        """The lines that the optional numbers of `kind` leave in, without their marks."""
        choice = self[kind]
        params = get_kind(kind).params(choice.part)
        off = {p.constant for p in params if p.optional and choice[p.name] == 0}
        kept = []
        for line in lines:
            mark = CONDITION.search(line)
            if not mark or (mark[1] == "if") != (mark[2] in off):
                kept.append(CONDITION.sub("", line))
        return kept

    def in_use(self) -> list[str]:
        """Kinds that are not neutral."""
        return [kind for kind, choice in self.choices if choice.part != get_kind(kind).neutral]

    def to_json(self) -> SpecJson:
        """Without neutral kinds, so that a new kind does not change the identifier of old specs."""
        return {
            kind: {"part": choice.part, **self._recorded(kind)}
            for kind, choice in self.choices
            if choice.params or choice.part != get_kind(kind).neutral
        }

    def _recorded(self, kind: str) -> dict[str, float]:
        """The numbers of `kind`, without those that came later and are at their default."""
        choice = self[kind]
        params = get_kind(kind).params(choice.part)
        return {
            param.name: choice[param.name]
            for param in params
            if not (param.later and choice[param.name] == param.default)
        }


@dataclass(frozen=True)
class Phase(Choices):
    """The parts in use from the fraction `start` of the run until the next phase."""

    start: float = 0.0


@dataclass(frozen=True)
class Spec:
    """Parts of the whole run, and one or more phases. Build it with `make_spec`."""

    run: Choices
    phases: tuple[Phase, ...]

    def parts(self) -> list[Part]:
        return [part for choices in (self.run, *self.phases) for part in choices.parts()]

    def to_json(self) -> SpecJson:
        phases = [{"from": phase.start, **phase.to_json()} for phase in self.phases]
        return {**self.run.to_json(), "phases": phases}

    @cached_property
    def identifier(self) -> str:
        """Twelve hexadecimal digits, a hash of all choices and numbers."""
        return identifier_of(self.to_json())

    @property
    def label(self) -> str:
        """A short name such as `muon-nesterov-cosine`, phases joined by a plus."""
        first, *others = self.phases
        words = [first[k].part for k in LABEL_ORDER if k == "direction" or k in first.in_use()]
        labels = ["-".join(words)]
        for before, phase in zip(self.phases, others, strict=False):
            shown = [phase[k].part for k in LABEL_ORDER if phase[k] != before[k]]
            changed = [kind for kind, choice in phase.choices if choice != before[kind]]
            labels.append("-".join(shown or changed or ["same"]))
        return "+".join(labels)


def identifier_of(choices: SpecJson) -> str:
    """The identifier of a spec as `Spec.to_json` has it."""
    canonical = json.dumps(choices, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def make_spec(choices: Mapping[str, Any]) -> Spec:
    """Check and clean `{kind: {"part": name, parameter: number}, "phases": [{"from": x, ...}]}`.

    The first phase starts at 0. Where there is only one, its kinds may stand at the top level. A
    kind that is left out gets its neutral part, a parameter its default. Raises ValueError.
    """
    rest = dict(choices)
    run = {kind.name: rest.pop(kind.name) for kind in RUN_KINDS if kind.name in rest}
    phases: Any = rest.pop("phases", [rest])
    if "phases" in choices and rest:
        raise ValueError(f"{_short(min(rest))} is beside the phases; move it into one of them")
    if not (isinstance(phases, list) and 1 <= len(phases) <= MAX_PHASES):
        raise ValueError(f"phases: expected a list of 1 to {MAX_PHASES}")
    made = tuple(_make_phase(phase) for phase in phases)
    starts = [phase.start for phase in made]
    if starts[0] != 0 or sorted(set(starts)) != starts:
        raise ValueError(f"phases: expected starts that increase from 0, got {starts}")
    return Spec(Choices(_make_choices(run, RUN_KINDS)), made)


def _make_phase(given: Any) -> Phase:
    if not isinstance(given, Mapping):
        raise ValueError(f"a phase: expected an object of kinds, got {_short(given)}")
    choices = dict(given)
    start = rounded(_number("from", choices.pop("from", 0.0)))
    if not 0 <= start < 1:
        raise ValueError(f"from: expected a fraction of the run from 0 to below 1, got {start!r}")
    if misplaced := {kind.name for kind in RUN_KINDS} & set(choices):
        raise ValueError(f"{min(misplaced)} is for the whole run; move it beside the phases")
    phase = Phase(_make_choices(choices, PHASE_KINDS), start)
    for kind in unmet(phase):
        part = phase.part(kind)
        needs = (f"{name} {' or '.join(parts)}" for name, parts in part.requires.items())
        raise ValueError(f"{kind}.{part.name} needs {' and '.join(needs)}")
    return phase


def unmet(choices: Choices) -> list[str]:
    """Kinds whose part requires a part that is not chosen."""
    needs = {kind: choices.part(kind).requires for kind, _ in choices.choices}
    return [
        kind
        for kind, requires in needs.items()
        if any(choices[other].part not in parts for other, parts in requires.items())
    ]


def _make_choices(
    given: Mapping[str, Any], kinds: Sequence[Kind]
) -> tuple[tuple[str, Choice], ...]:
    unknown = set(given) - {kind.name for kind in kinds}
    if unknown:
        names = ", ".join(kind.name for kind in (*RUN_KINDS, *PHASE_KINDS))
        raise ValueError(f"no kind named {_short(min(unknown))}; there are: {names}")
    return tuple((kind.name, _make_choice(kind, given.get(kind.name, {}))) for kind in kinds)


def _make_choice(kind: Kind, given: Any) -> Choice:
    if not isinstance(given, Mapping):
        raise ValueError(f"{kind.name}: expected an object such as {{'part': '{kind.neutral}'}}")
    numbers = dict(given)
    part = numbers.pop("part", kind.neutral)
    if not isinstance(part, str):
        raise ValueError(f"{kind.name}: expected the name of a part, got {_short(part)}")
    params = kind.params(part)
    extra = set(numbers) - {param.name for param in params}
    if extra:
        raise ValueError(f"{kind.name}.{part}: no parameter named {_short(min(extra))}")
    values = ((p, _number(p.name, numbers.get(p.name, p.default))) for p in params)
    return Choice(part, tuple((p.name, p.clean(value)) for p, value in values))


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name}: expected a number, got {_short(value)}")
    try:
        return float(value)
    except OverflowError as error:
        raise ValueError(f"{name}: expected a number, got one that is too large") from error


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
