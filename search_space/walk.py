"""The decisions that make a spec, in their order, and what makes them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from search_space.part import Kind, Param, Part, Structure, rounded
from search_space.parts.schedule import PEAK
from search_space.registry import PHASE_KINDS, RUN_KINDS, get_kind
from search_space.spec import Choice, Choices, Phase, Spec

SECOND_PHASE = 0.3
"""Probability that a random spec has a second phase."""
OPTIONAL = 0.4
"""Probability that a random spec has a given optional parameter."""
START = Param("from", "", 0.02, 0.95, 0.05, "fraction of the run where the second starts", log=True)


@dataclass(frozen=True)
class Place:
    """A kind of the run, whose phase is None, or of one of its phases, 0 or 1."""

    kind: Kind
    phase: int | None

    @property
    def name(self) -> str:
        return f"2.{self.kind.name}" if self.phase else self.kind.name

    def of(self, spec: Spec) -> Choice:
        """What a spec has there; a spec of one phase has its parts in the second as well."""
        if self.phase is None:
            return spec.run[self.kind.name]
        return spec.phases[min(self.phase, len(spec.phases) - 1)][self.kind.name]


class Decisions(ABC):
    """What makes the decisions of one spec; each gets what a known spec has, or None."""

    @abstractmethod
    def gate(self, name: str, chance: float, known: bool | None) -> bool:
        """Whether something optional is in; a random spec has it with probability `chance`."""

    @abstractmethod
    def part(self, name: str, offered: list[str], known: str | None) -> str:
        """One of the offered parts."""

    @abstractmethod
    def number(
        self, name: str, param: Param, low: float, high: float, known: float | None
    ) -> float:
        """A value of `param` from `low` to `high`."""

    def choice(self, place: Place, known: Choice | None, make: "Make") -> Choice:
        """The part at a place with its numbers, as `make` makes it of single decisions."""
        return make(self, known)


Make = Callable[[Decisions, Choice | None], Choice]
"""The choice at a place that decisions make, beside a known one."""


def walk(
    decisions: Decisions,
    structure: Structure = "any",
    known: Spec | None = None,
    coordinates: str | None = None,
) -> Spec:
    """The spec of one or two phases that `decisions` make, beside those of the `known` spec.

    Parts without effect on models of `structure` are not offered; "any" offers all. With
    `coordinates` all phases have these, and nothing is decided there.
    """

    def made(kinds: tuple[Kind, ...], phase: int | None) -> Choices:
        chosen: dict[str, Choice] = {}
        for kind in kinds:
            if coordinates and kind.name == "coordinates":
                chosen[kind.name] = Choice(coordinates)
                continue
            place = Place(kind, phase)

            def make(decisions: Decisions, known: Choice | None, place: Place = place) -> Choice:
                return _choice(decisions, place, chosen, structure, known)

            chosen[kind.name] = decisions.choice(place, place.of(known) if known else None, make)
        return Choices(tuple(chosen.items()))

    run = made(RUN_KINDS, None)
    phases = [Phase(made(PHASE_KINDS, 0).choices)]
    two = len(known.phases) > 1 if known else None
    if decisions.gate("phases", SECOND_PHASE, two):
        before = known.phases[1].start if known and two else None
        start = decisions.number("2.from", START, START.low, START.high, before)
        phases.append(Phase(made(PHASE_KINDS, 1).choices, rounded(start)))
    return Spec(run, tuple(phases))


def can_sample(spec: Spec, structure: Structure) -> bool:
    """Whether `walk` can give `spec`: every part has an effect on models of `structure`."""
    return len(spec.phases) <= 2 and all(acts_on(part, structure) for part in spec.parts())


def acts_on(part: Part, structure: Structure) -> bool:
    """Whether the part has an effect on models of `structure`."""
    return "any" in (structure, part.structure) or part.structure == structure


def _choice(
    decisions: Decisions,
    place: Place,
    chosen: Mapping[str, Choice],
    structure: Structure,
    known: Choice | None,
) -> Choice:
    """One part that the parts chosen before it allow, with its numbers."""
    kind = place.kind
    acting = [p for p in kind.parts if p.name != kind.neutral and acts_on(p, structure)]
    offered = [p.name for p in acting if _allowed(p, chosen)]
    part = kind.neutral
    used = known.part != kind.neutral if known else None
    if offered and decisions.gate(f"{place.name}.used", kind.chance, used):
        missing = [p.name for p in acting if p.name not in offered]
        # Optuna allows one set of choices for one name
        name = place.name + (f" but {', '.join(missing)}" if missing else "")
        part = decisions.part(name, offered, known.part if known and used else None)
    before = dict(known.params) if known else {}
    params: list[tuple[str, float]] = []
    for param in kind.params(part):
        low, high = param.low, param.high
        owner = "" if param in kind.shared else f".{part}"
        if param is PEAK:
            direction = chosen["direction"].part
            low, high = get_kind("direction").part(direction).step_sizes
            owner = f".{direction}" if (low, high) != Part.step_sizes else ""
        name = f"{place.name}{owner}.{param.name}"
        value = before.get(param.name)
        present = value != 0 if value is not None else None
        absent = param.optional and not decisions.gate(f"{name}.used", OPTIONAL, present)
        drawn = 0.0 if absent else decisions.number(name, param, low, high, value)
        params.append((param.name, param.clean(round(drawn) if param.whole else drawn)))
    return Choice(part, tuple(params))


def _allowed(part: Part, chosen: Mapping[str, Choice]) -> bool:
    return all(chosen[kind].part in parts for kind, parts in part.requires.items())
