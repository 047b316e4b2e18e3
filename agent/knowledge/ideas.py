"""The state of a track: what is confirmed, what to try next, what does not work."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from agent.knowledge.stacking import acts_on, stacked
from agent.knowledge.standings import Adoption, BestSoFar, Standing, adoption, records, standings
from agent.knowledge.surrogate import Gain
from agent.knowledge.techniques import Technique
from agent.knowledge.tried import Tried, tried_trials
from agent.knowledge.untried import Idea, untried
from agent.study.settings import Settings
from agent.study.study import Study
from agent.verdict.ablation_record import Ablation
from search_space.part import Structure
from tracks.base import Objective, Track

SHOWN = 10
FEWEST = 3
"""Trials of a part before it is called bad."""


@dataclass(frozen=True)
class BadPart:
    part: str
    evidence: str


@dataclass(frozen=True)
class MeasuredPair:
    """Two parts with their interaction, in `unit`."""

    parts: list[str]
    interaction: float
    unit: str
    study: str


@dataclass(frozen=True)
class Surveyed(Technique):
    """A surveyed technique, and in how many studies it was composed and stacked."""

    composed: int
    stacked: int


@dataclass(frozen=True)
class Ideas:
    """From all studies with the same track, objective and scale; `trials` are those with a spec.

    `surrogate` says how far the predictions can be trusted; None without enough trials.
    """

    track: str
    objective: Objective
    scale: str
    studies: list[str]
    trials: int
    leaderboard: list[Standing]
    untried: list[Idea]
    surrogate: Gain | None
    negative: list[BadPart]
    interactions: list[MeasuredPair]
    elsewhere: list[Surveyed]
    adoption: list[Adoption]
    records: list[BestSoFar]

    def to_json(self) -> Mapping[str, Any]:
        return asdict(self) | {"untried": [idea.to_json() for idea in self.untried]}


def ideas(
    known: Iterable[Study],
    track: Track,
    objective: Objective,
    scale: str = "full",
    shown: int = SHOWN,
    techniques: Sequence[Technique] = (),
) -> Ideas:
    """From the known studies with the same track, objective and scale.

    `techniques` are surveyed ones; those that act on the track's models are listed.
    """
    asked = (track.name, objective, scale, None)
    studies = [study for study in known if _asked(study.settings) == asked]
    tried = [one for study in studies for one in tried_trials(study)]
    ablations = {study.name: one for study in studies if (one := Ablation.of(study))}
    entries = standings(studies)
    promising, gain = untried(tried, _worth(ablations.values()), track.structure)
    return Ideas(
        track=track.name,
        objective=objective,
        scale=scale,
        studies=[study.name for study in studies],
        trials=len(tried),
        leaderboard=entries,
        untried=promising[:shown],
        surrogate=gain,
        negative=_negative(tried, ablations, shown),
        interactions=_interactions(ablations, shown),
        elsewhere=_elsewhere(techniques, studies, track.structure),
        adoption=adoption(entries),
        records=records(entries),
    )


def _asked(settings: Settings) -> tuple[str, Objective, str, str | None]:
    return (settings.track, settings.objective, settings.scale, settings.tuned)


def _worth(ablations: Iterable[Ablation]) -> dict[str, float]:
    """By how much optimizers were worse without each part, averaged over the ablations."""
    found: dict[str, list[float]] = defaultdict(list)
    for ablation in ablations:
        for row in ablation.rows:
            if row.delta is not None:
                found[row.name].append(row.delta)
    return {part: fmean(deltas) for part, deltas in found.items()}


def _negative(
    tried: Sequence[Tried], ablations: Mapping[str, Ablation], shown: int
) -> list[BadPart]:
    """Parts that an ablation found removable, and parts of no good trial."""
    found = []
    for study, ablation in ablations.items():
        for row in ablation.rows:
            if row.finding.removable:
                how = row.together_with or " by itself"
                evidence = f"{row.finding}{how} in the ablation of {study}"
                evidence += f" ({row.delta:+.3g} without, at scale {row.scale})"
                found.append(BadPart(row.name, evidence))
    by_part: dict[str, list[Tried]] = defaultdict(list)
    for one in tried:
        for part in one.parts:
            by_part[part].append(one)
    worst = []
    for part, users in by_part.items():
        mean = sum(one.rank for one in users) / len(users)
        best = min(one.rank for one in users)
        if len(users) >= FEWEST and best > 0.5:
            failed = Counter(one.trial.outcome.state for one in users)
            states = ", ".join(f"{count} {state}" for state, count in failed.most_common())
            worst.append((mean, part, f"{len(users)} trials, none in the better half: {states}"))
    worst.sort(reverse=True)
    return found + [BadPart(part, text) for _, part, text in worst[:shown]]


def _elsewhere(
    techniques: Sequence[Technique], studies: Sequence[Study], structure: Structure
) -> list[Surveyed]:
    """The techniques that act on models of `structure`."""
    came: dict[str, list[bool]] = defaultdict(list)
    for study in studies:
        for row in stacked(study):
            if row.stacks is not None:
                came[row.part].append(row.stacks)
    return [
        Surveyed(**vars(one), composed=len(came[part]), stacked=sum(came[part]))
        for one in techniques
        if acts_on(part := one.part or "", structure)
    ]


def _interactions(ablations: Mapping[str, Ablation], shown: int) -> list[MeasuredPair]:
    """Measured pairs whose interval excludes zero, the largest first within their unit."""
    found = []
    for study, ablation in ablations.items():
        if measured := ablation.interactions:
            for pair in measured.pairs:
                if pair.clear and pair.interaction is not None:
                    parts = [ablation.rows[index].name for index in (pair.first, pair.second)]
                    found.append(MeasuredPair(parts, pair.interaction, measured.unit, study))
    return sorted(found, key=lambda pair: -abs(pair.interaction))[:shown]
