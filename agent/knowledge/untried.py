"""Untried combinations next to good ones, by a model of parts or by what ablations measured."""

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal

from agent.knowledge.prediction import Gain, Parts
from agent.knowledge.tried import Tried, parts_in
from agent.knowledge.worth import Bounds, Worth
from agent.study.remembered import remembered
from search_space.part import Structure
from search_space.registry import PHASE_KINDS, RUN_KINDS
from search_space.spec import Spec, SpecJson, make_spec
from search_space.walk import can_sample

if TYPE_CHECKING:
    from agent.knowledge.surrogate import Surrogate

PARENTS, CANDIDATES, LEARNED = 8, 600, 500
"""Trials that candidates differ from, candidates, and trials that the model learns from."""
NORMAL = 1.96
"""Standard deviations on each side of a mean that hold 95% of a normal distribution."""
REASONS = 4
"""Parts of a change whose evidence is given."""
Tier = Literal[1, 2, 3, 4]


@dataclass(frozen=True)
class Idea:
    """An untried combination: `from_`, the name of a good trial, with a `change`.

    `gain` is on the best seen combination, `interval` its 95% interval: in ranks, by the model of
    parts, with `worth` None; or in the verdict's unit, by `worth`, what ablations measured of the
    change, with the model's columns None. In tier 1 all of the interval is above zero and every
    part that changes was measured at this scale; in tier 2 the middle of the interval is, in tier 3
    its end, in tier 4 nothing. `why` has the evidence for what changes.
    """

    from_: str
    change: str
    spec: SpecJson
    tier: Tier
    interval: Bounds
    gain: float
    why: tuple[str, ...]
    rank: float | None = None
    std: float | None = None
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

    @property
    def added(self) -> Parts:
        return self.parts - self.parent.parts

    @property
    def lost(self) -> Parts:
        return self.parent.parts - self.parts

    def idea(self, gain: float, reach: float, why: Sequence[str], *, measured: bool = True) -> Idea:
        """`reach` is half of the interval of the gain on the best."""
        low, high = gain - reach, gain + reach
        tier: Tier = 1 if low > 0 and measured else 2 if gain > 0 else 3 if high > 0 else 4
        spec = self.spec.to_json()
        about = (tier, (low, high), gain, tuple(why[:REASONS]))
        return Idea(self.parent.name, self.change, spec, *about)


def untried(
    tried: Sequence[Tried],
    worth: Mapping[str, Worth],
    structure: Structure,
    shown: int = CANDIDATES,
    decided: Mapping[Parts, float] | None = None,
) -> tuple[list[Idea], Gain | None]:
    """Combinations, the most promising first, and how far the model of parts can be trusted.

    Where the model's cross-validated gain is real, by expected improvement on the best seen
    combination, in ranks. Otherwise by `worth`, what ablations measured of each part: the sum over
    the added parts less that over the lost ones, where that is positive, less what the trial to
    start from is behind the best; half intervals add up as those of independent errors.
    `decided` has the results of optimizers with a verdict, by parts: they are tried as well.
    """
    # with numpy, which takes a tenth of a second to load
    from agent.knowledge.surrogate import Surrogate

    done = dict(decided or {})
    candidates = [one for one in _candidates(tried, structure) if one.parts not in done]
    results = [*done.values(), *(one.result for one in tried if one.result is not None)]
    best = min(results, default=0.0)
    known = remembered(tried, lambda one: one.rank, LEARNED)
    try:
        model = Surrogate([one.parts for one in known], [one.rank for one in known])
    except ValueError:
        return _by_worth(candidates, worth, best)[:shown], None
    gain = model.gain()
    if not gain.real:
        return _by_worth(candidates, worth, best)[:shown], gain
    return _by_model(candidates, model, tried, shown), gain


def _by_model(
    candidates: Sequence[Candidate], model: "Surrogate", tried: Sequence[Tried], shown: int
) -> list[Idea]:
    best = min(model.predict(one.parts).mean for one in tried)
    predicted = [(model.predict(candidate.parts), candidate) for candidate in candidates]
    predicted.sort(key=lambda one: -one[0].gain_below(best))
    return [
        replace(
            candidate.idea(
                best - expected.mean, NORMAL * expected.std, trials_with(candidate, tried)
            ),
            rank=expected.mean,
            std=expected.std,
            chance=expected.chance_below(best),
            value=expected.gain_below(best),
        )
        for expected, candidate in predicted[:shown]
    ]


def trials_with(candidate: Candidate, tried: Sequence[Tried]) -> list[str]:
    """The mean ranks of the trials with and without each part that changes."""
    said = []
    for mark, parts in (("+", candidate.added), ("-", candidate.lost)):
        for part in sorted(parts):
            ranks = {
                "with": [one.rank for one in tried if part in one.parts],
                "without": [one.rank for one in tried if part not in one.parts],
            }
            means = [
                f"{fmean(found):.2f} in {len(found)} trials {which} it"
                for which, found in ranks.items()
                if found
            ]
            said.append(f"{mark} {part}: mean rank {', '.join(means)}")
    return said


def _measured(candidate: Candidate, worth: Mapping[str, Worth]) -> list[str]:
    """What ablations measured of each part that changes, then the parts that none did."""
    unknown = "no ablation measured it, counted as 0"
    changes = [("+", part) for part in sorted(candidate.added)]
    changes += [("-", part) for part in sorted(candidate.lost)]
    changes.sort(key=lambda change: change[1] not in worth)
    return [
        f"{mark} {part}: {worth[part].said if part in worth else unknown}" for mark, part in changes
    ]


def _by_worth(
    candidates: Sequence[Candidate], worth: Mapping[str, Worth], best: float
) -> list[Idea]:
    """Of trials that completed, with the most gain on the best result first."""
    found = []
    for candidate in candidates:
        if candidate.parent.result is None:
            continue
        behind = candidate.parent.result - best
        added = [worth[part] for part in sorted(candidate.added) if part in worth]
        lost = [worth[part] for part in sorted(candidate.lost) if part in worth]
        total = sum(one.mean for one in added) - sum(one.mean for one in lost)
        if total > 0:
            reach = math.hypot(*(one.reach for one in (*added, *lost)))
            changed = candidate.added | candidate.lost
            measured = all(part in worth and not worth[part].other_scale for part in changed)
            why = _measured(candidate, worth)
            idea = candidate.idea(total - behind, reach, why, measured=measured)
            found.append(replace(idea, worth=total))
    return sorted(found, key=lambda idea: -idea.gain)


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
