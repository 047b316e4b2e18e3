"""The trials of a study as sets of parts, ranked."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from agent.knowledge.prediction import Parts
from agent.study.records import Ending, FinishedTrial
from agent.study.study import Study
from search_space.spec import Spec
from tracks import evaluation
from tracks.base import Objective, Track
from tracks.printable import plain
from tracks.registry import get_track

FAILED = (0, 0.0)
"""A sort key."""
LABEL = 40
"""Characters of a label, at most."""


@dataclass(frozen=True)
class Tried:
    """A trial with a spec: its parts, and its rank among the trials of its study.

    `rank` is 0 for the best and 1 for the worst: by the last rung reached, then by the value there,
    equal ones at their mean; failed trials are at 1. `result` is that of the official instance as
    the paired test compares it, lower is better; None for a trial that did not complete.
    """

    study: str
    trial: FinishedTrial
    spec: Spec
    parts: Parts
    rank: float
    result: float | None = None

    @property
    def name(self) -> str:
        return trial_name(self.study, self.trial)


def trial_name(study: str, trial: FinishedTrial) -> str:
    """A trial among those of several studies; its label is of others, so it is cut short."""
    return f"{study}/{trial.number} ({plain(trial.proposal.label, LABEL)})"


def parts_in(spec: Spec) -> Parts:
    """`kind part` of each part that is not neutral, after "then" in later phases."""
    found = {f"{kind} {spec.run[kind].part}" for kind in spec.run.in_use()}
    for index, phase in enumerate(spec.phases):
        before = "then " * index
        found |= {f"{before}{kind} {phase[kind].part}" for kind in {*phase.in_use(), "direction"}}
    return frozenset(found)


def tried_trials(study: Study) -> list[Tried]:
    finished = study.finished()
    with_spec = [(trial, spec) for trial in finished if (spec := trial.proposal.known_spec())]
    with_spec.sort(key=lambda one: _how_far(one[0]))
    ranks = _ranks([_how_far(trial) for trial, _ in with_spec])
    settings, track = study.settings, get_track(study.settings.track)
    found = []
    for rank, (trial, spec) in zip(ranks, with_spec, strict=True):
        result = compared(trial.outcome.score, track, settings.objective, settings.scale)
        found.append(Tried(study.name, trial, spec, parts_in(spec), rank, result))
    return found


def compared(score: float | None, track: Track, objective: Objective, scale: str) -> float | None:
    """A score as the paired test compares it: its log10 where the metric is compared so."""
    by_log = objective == "final" and track.metric.log
    return score if score is None or not by_log else log_loss(score, track, scale)


def log_loss(loss: float, track: Track, scale: str) -> float:
    """As Evaluation.comparable has it at this scale."""
    return evaluation.log_loss(loss, track.metric.answers * track.scales[scale].eval_samples)


def _ranks(keys: Sequence[tuple[int, float]]) -> list[float]:
    """From 0 to 1, of sorted keys."""
    last = max(len(keys) - 1, 1)
    places: dict[tuple[int, float], list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        places[key].append(place)
    # their order is that of trials, and says nothing of failures
    return [1.0 if key == FAILED else fmean(places[key]) / last for key in keys]


def _how_far(trial: FinishedTrial) -> tuple[int, float]:
    """A sort key, the best first: complete by value, pruned by last rung and value, failed."""
    outcome = trial.outcome
    if trial.value is not None:
        return (-99, trial.value)
    if outcome.state is Ending.PRUNED and outcome.rungs:
        return (-len(outcome.rungs), list(outcome.rungs.values())[-1])
    return FAILED
