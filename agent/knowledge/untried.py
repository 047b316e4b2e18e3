"""Untried combinations next to good ones, by a model of parts or by what ablations measured."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agent.knowledge.surrogate import Gain, Parts, Surrogate
from agent.knowledge.tried import Tried, parts_in
from search_space.part import Structure
from search_space.registry import PHASE_KINDS, RUN_KINDS
from search_space.sample import can_sample
from search_space.spec import Spec, SpecJson, make_spec

PARENTS, CANDIDATES = 8, 600


@dataclass(frozen=True)
class Idea:
    """An untried combination: `from_`, the name of a good trial, with a `change`.

    Ranked by the model of parts, with `worth` None, or by `worth`, with the model's columns None.
    """

    from_: str
    change: str
    spec: SpecJson
    rank: float | None = None
    std: float | None = None
    gain: float | None = None
    chance: float | None = None
    value: float | None = None
    worth: float | None = None

    def to_json(self) -> Mapping[str, Any]:
        return {name.rstrip("_"): value for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Candidate:
    """A spec that nobody has tried: `parent` with choices of another good trial."""

    parent: Tried
    spec: Spec
    change: str
    parts: Parts

    def idea(self, **columns: float) -> Idea:
        return Idea(self.parent.name, self.change, self.spec.to_json(), **columns)


def untried(
    tried: Sequence[Tried], worth: Mapping[str, float], structure: Structure
) -> tuple[list[Idea], Gain | None]:
    """Combinations, the most promising first, and how far the model of parts can be trusted.

    Where the model's cross-validated gain is real, by expected improvement on the best seen
    combination, in ranks. Otherwise by `worth`, what ablations measured of each part: the sum over
    the added parts less that over the lost ones, where that is positive.
    """
    candidates = _candidates(tried, structure)
    try:
        model = Surrogate([one.parts for one in tried], [one.rank for one in tried])
    except ValueError:
        return _by_worth(candidates, worth), None
    gain = model.gain()
    ideas = _by_model(candidates, model, tried) if gain.real else _by_worth(candidates, worth)
    return ideas, gain


def _by_model(
    candidates: Sequence[Candidate], model: Surrogate, tried: Sequence[Tried]
) -> list[Idea]:
    best = min(model.predict(one.parts).mean for one in tried)
    ranked = []
    for candidate in candidates:
        predicted = model.predict(candidate.parts)
        value = predicted.gain_below(best)
        idea = candidate.idea(
            rank=predicted.mean,
            std=predicted.std,
            gain=best - predicted.mean,
            chance=predicted.chance_below(best),
            value=value,
        )
        ranked.append((value, idea))
    return _best_first(ranked)


def _by_worth(candidates: Sequence[Candidate], worth: Mapping[str, float]) -> list[Idea]:
    ranked = []
    for candidate in candidates:
        before, after = candidate.parent.parts, candidate.parts
        added = sum(worth.get(part, 0.0) for part in after - before)
        lost = sum(worth.get(part, 0.0) for part in before - after)
        if added > lost:
            ranked.append((added - lost, candidate.idea(worth=added - lost)))
    return _best_first(ranked)


def _best_first(ranked: list[tuple[float, Idea]]) -> list[Idea]:
    return [idea for _, idea in sorted(ranked, key=lambda one: -one[0])]


def _candidates(tried: Sequence[Tried], structure: Structure) -> list[Candidate]:
    """One for each combination of parts that was not tried."""
    known = {one.parts for one in tried}
    found: dict[Parts, Candidate] = {}
    for candidate in _neighbours(sorted(tried, key=lambda one: one.rank), structure):
        if candidate.parts not in known:
            found.setdefault(candidate.parts, candidate)
    return list(found.values())


def _neighbours(ranked: Sequence[Tried], structure: Structure) -> Iterable[Candidate]:
    """Good specs with one choice, or two, taken from another good spec. Always the same ones."""
    drawn = random.Random(0)
    parents = ranked[:PARENTS]
    donors = ranked[: max(PARENTS, len(ranked) // 2)]
    run_kinds = {kind.name for kind in RUN_KINDS}
    kinds = [kind.name for kind in (*RUN_KINDS, *PHASE_KINDS)]
    for _ in range(CANDIDATES if len(donors) > 1 else 0):
        parent, donor = drawn.choice(parents), drawn.choice(donors)
        choices = parent.spec.to_json()
        changed = []
        for kind in drawn.sample(kinds, drawn.choice((1, 2))):
            place, source = choices, donor.spec.to_json()
            if kind not in run_kinds:
                place, source = choices["phases"][0], source["phases"][0]
            if place.get(kind) != source.get(kind):
                place.pop(kind, None)
                place |= {kind: source[kind]} if kind in source else {}
                changed.append(f"{kind} {source[kind]['part'] if kind in source else 'left out'}")
        try:
            spec = make_spec(choices)
        except ValueError:
            continue
        if changed and can_sample(spec, structure):
            change = f"{', '.join(changed)} as in {donor.name}"
            yield Candidate(parent, spec, change, parts_in(spec))
