"""Ablations of a spec: each part in use replaced by the neutral part of its kind."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from search_space.registry import get_kind
from search_space.spec import Choice, Choices, Spec, unmet


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
    for kind in spec.run.in_use():
        choices, also = _without(spec.run, kind)
        variant = replace(spec, run=replace(spec.run, choices=choices))
        removals.append(_removal("", None, spec.run, kind, variant, also))
    for index, phase in enumerate(spec.phases):
        where = f"phase {index + 1} " if len(spec.phases) > 1 else ""
        before, after = spec.phases[:index], spec.phases[index + 1 :]
        for kind in phase.in_use():
            choices, also = _without(phase, kind)
            variant = replace(spec, phases=(*before, replace(phase, choices=choices), *after))
            removals.append(_removal(where, index, phase, kind, variant, also))
        if index > 0:
            instead = f"phase {index} goes on"
            variant = replace(spec, phases=before + after)
            direction = phase["direction"].part
            removals.append(Removal(where.strip(), direction, instead, variant, index, None))
    return removals


def without(spec: Spec, removals: Iterable[Removal]) -> Spec:
    """`spec` without all parts of several removals of `leave_one_out`."""
    run, phases = spec.run, list(spec.phases)
    gone = set()
    for removal in removals:
        if removal.kind is None:
            gone.add(removal.phase)
        elif removal.phase is None:
            run = replace(run, choices=_without(run, removal.kind)[0])
        else:
            phase = phases[removal.phase]
            phases[removal.phase] = replace(phase, choices=_without(phase, removal.kind)[0])
    return replace(spec, run=run, phases=tuple(p for i, p in enumerate(phases) if i not in gone))


def _removal(
    where: str, phase: int | None, choices: Choices, kind: str, variant: Spec, also: tuple[str, ...]
) -> Removal:
    part, neutral = choices[kind].part, get_kind(kind).neutral
    return Removal(where + kind, part, neutral, variant, phase, kind, also)


def _without(choices: Choices, kind: str) -> tuple[tuple[tuple[str, Choice], ...], tuple[str, ...]]:
    """The choices with `kind` neutral, and the other kinds that become neutral with it."""
    changed = dict(choices.choices)
    removed = [kind]
    leaving = [kind]
    while leaving:
        for name in leaving:
            changed[name] = _neutral(name, changed[name])
        leaving = unmet(Choices(tuple(changed.items())))
        removed += leaving
    return tuple(changed.items()), tuple(removed[1:])


def _neutral(kind: str, choice: Choice) -> Choice:
    shared = tuple((param.name, choice[param.name]) for param in get_kind(kind).shared)
    return Choice(get_kind(kind).neutral, shared)
