"""Ablations of a spec: each part in use replaced by the neutral part of its kind."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from search_space.registry import get_kind
from search_space.spec import Choice, Choices, Phase, Spec, unmet


@dataclass(frozen=True)
class Removal:
    """An ablation: `spec` has one part less. `also` names the kinds that needed the part.

    `phase` is the index of the part's phase, None for the whole run; `kind` is None where a whole
    phase is removed.
    """

    name: str
    part: str
    replaced_by: str
    spec: Spec
    phase: int | None
    kind: str | None
    also: tuple[str, ...] = ()


def leave_one_out(spec: Spec) -> list[Removal]:
    """One variant for each part that is not neutral, and for each phase after the first.

    Parameters that a kind shares stay. A part that needs the removed part is removed as well.
    """
    removals = []
    places: list[tuple[int | None, Choices]] = [(None, spec.run), *enumerate(spec.phases)]
    for phase, choices in places:
        where = f"phase {phase + 1} " if phase is not None and len(spec.phases) > 1 else ""
        for kind in choices.in_use():
            rest, also = _without(choices, kind)
            part, neutral = choices[kind].part, get_kind(kind).neutral
            variant = _changed(spec, phase, rest)
            removals.append(Removal(where + kind, part, neutral, variant, phase, kind, also))
        if phase:
            variant = _without_phases(spec, {phase})
            instead, direction = f"phase {phase} goes on", choices["direction"].part
            removals.append(Removal(where.strip(), direction, instead, variant, phase, None))
    return removals


def without(spec: Spec, removals: Iterable[Removal]) -> Spec:
    """`spec` without all parts of several removals of `leave_one_out`."""
    gone = set()
    for removal in removals:
        if removal.kind is None:
            gone.add(removal.phase)
        else:
            choices = spec.run if removal.phase is None else spec.phases[removal.phase]
            spec = _changed(spec, removal.phase, _without(choices, removal.kind)[0])
    return _without_phases(spec, gone)


def _without_phases(spec: Spec, gone: Collection[int | None]) -> Spec:
    return replace(spec, phases=tuple(p for i, p in enumerate(spec.phases) if i not in gone))


def _changed(spec: Spec, phase: int | None, choices: Choices) -> Spec:
    """`spec` with other choices in a phase, or in the whole run."""
    if not isinstance(choices, Phase) or phase is None:
        return replace(spec, run=choices)
    return replace(spec, phases=(*spec.phases[:phase], choices, *spec.phases[phase + 1 :]))


def _without(choices: Choices, kind: str) -> tuple[Choices, tuple[str, ...]]:
    """The choices with `kind` neutral, and the other kinds that become neutral with it."""
    removed: list[str] = []
    leaving = [kind]
    while leaving:
        pairs = ((k, _neutral(k, c) if k in leaving else c) for k, c in choices.choices)
        choices = replace(choices, choices=tuple(pairs))
        removed += leaving
        leaving = unmet(choices)
    return choices, tuple(removed[1:])


def _neutral(kind: str, choice: Choice) -> Choice:
    shared = tuple((param.name, choice[param.name]) for param in get_kind(kind).shared)
    return Choice(get_kind(kind).neutral, shared)
