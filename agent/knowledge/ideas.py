"""The state of a track: what is confirmed, what to try next, what does not work."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agent.knowledge.adoption import Adoption, adoption
from agent.knowledge.best_so_far import BestSoFar, best_so_far
from agent.knowledge.lessons import BadPart, MeasuredPair, interactions, negative
from agent.knowledge.lineage import Step, lineage
from agent.knowledge.prediction import Gain, Parts
from agent.knowledge.published import Published
from agent.knowledge.stacking import acts_on, stacked
from agent.knowledge.standings import Standing, evaluated, standings
from agent.knowledge.techniques import Technique
from agent.knowledge.tried import Tried, compared, tried_trials
from agent.knowledge.untried import Idea, untried
from agent.knowledge.worth import worth_of_parts
from agent.study.settings import Settings
from agent.study.study import Study
from agent.verdict.ablation_record import Ablation
from search_space.part import Structure
from search_space.registry import KINDS
from tracks.base import Objective, Track
from tracks.registry import get_track

SHOWN = 10
NOTHING = Published((), {}, {})


@dataclass(frozen=True)
class Surveyed(Technique):
    """A surveyed technique, and in how many studies it was composed and stacked."""

    composed: int
    stacked: int


@dataclass(frozen=True)
class Asked:
    """What a commentary is about; `digest` is that of the track's file, where it has one."""

    track: Track
    objective: Objective
    scale: str = "full"
    digest: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> "Asked":
        """The task of a study, with the track's file as it was when the study began."""
        track, aim = get_track(settings.track), settings.objective
        return cls(track, aim, settings.scale, settings.track_digest)


@dataclass(frozen=True)
class Ideas:
    """From all studies with the same track, objective and scale; `trials` are those with a spec.

    `surrogate` says how far the predictions can be trusted; None without enough trials. `records`
    are confirmed results, `evaluations` official ones of any standing; `lineage` has the trials
    with a hypothesis; `unused` are the parts that no trial has had; `left_out` are the studies that
    began with another version of the track's file.
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
    evaluations: list[BestSoFar]
    lineage: list[Step]
    unused: list[str]
    as_of: str | None
    left_out: list[str]

    def to_json(self) -> Mapping[str, Any]:
        return asdict(self) | {"untried": [idea.to_json() for idea in self.untried]}


def ideas(
    known: Iterable[Study],
    asked: Asked,
    shown: int = SHOWN,
    techniques: Sequence[Technique] = (),
    published: Published = NOTHING,
) -> Ideas:
    """From the known studies with the same track, objective and scale; `shown` rows of a kind.

    `techniques` are surveyed ones; those that act on the track's models are listed.
    """
    studies, others = _of_task(known, asked)
    tried = [one for study in studies for one in tried_trials(study)]
    ablations = {study.name: one for study in studies if (one := Ablation.of(study))}
    entries = _standings(studies, asked, published)
    measured = [evaluated(study, trial) for study in studies for trial in study.ranked()]
    worth, decided = worth_of_parts(ablations, asked.scale), _decided(entries, asked)
    promising, gain = untried(tried, worth, asked.track.structure, shown, decided)
    return Ideas(
        track=asked.track.name,
        objective=asked.objective,
        scale=asked.scale,
        studies=[study.name for study in studies],
        trials=len(tried),
        leaderboard=entries,
        untried=promising,
        surrogate=gain,
        negative=negative(tried, ablations, shown),
        interactions=interactions(ablations, shown),
        elsewhere=_elsewhere(techniques, studies, asked.track.structure),
        adoption=adoption(entries, tried, published.named),
        records=best_so_far(entry for entry in entries if entry.standing == "confirmed"),
        evaluations=best_so_far([*measured, *entries]),
        lineage=lineage(studies),
        unused=_unused(tried, asked.track.structure),
        as_of=max((one.date for one in (*entries, *measured) if one.date), default=None),
        left_out=[study.name for study in others],
    )


def _of_task(known: Iterable[Study], asked: Asked) -> tuple[list[Study], list[Study]]:
    """The studies of the task, and those of it with another version of the track's file."""
    found = [study for study in known if _is_of(study.settings, asked)]
    same = [study for study in found if study.settings.track_digest == asked.digest]
    return same, [study for study in found if study not in same]


def _standings(studies: Sequence[Study], asked: Asked, published: Published) -> list[Standing]:
    """Of the studies and the submissions, with intervals of their official results."""
    return [
        published.measured_again(entry, asked.track, asked.objective, asked.scale)
        for entry in standings(studies, published.standings)
    ]


def _is_of(settings: Settings, asked: Asked) -> bool:
    """Not where the numbers of a baseline alone were searched."""
    of = (settings.track, settings.objective, settings.scale, settings.tuned)
    return of == (asked.track.name, asked.objective, asked.scale, None)


def _decided(entries: Sequence[Standing], asked: Asked) -> dict[Parts, float]:
    """The best result of the optimizers with a verdict, by their parts."""
    found: dict[Parts, float] = {}
    for entry in entries:
        result = compared(entry.score, asked.track, asked.objective, asked.scale)
        if entry.parts and not entry.waits and result is not None:
            found[entry.kept] = min(result, found.get(entry.kept, result))
    return found


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


def _unused(tried: Sequence[Tried], structure: Structure) -> list[str]:
    """The parts that could matter on such models and that no trial has had in its first phase."""
    used = {part for one in tried for part in one.parts}
    parts = [f"{kind.name} {part.name}" for kind in KINDS for part in kind.parts[1:]]
    return [part for part in parts if part not in used and acts_on(part, structure)]
