"""The trials of a study as sets of parts, ranked."""

from dataclasses import dataclass

from agent.knowledge.surrogate import Parts
from agent.study.records import Ending, FinishedTrial
from agent.study.study import Study
from search_space.spec import Spec


@dataclass(frozen=True)
class Tried:
    """A trial with a spec: its parts, and its rank among the trials of its study.

    `rank` is 0 for the best and 1 for the worst: by the last rung reached, then by the value there;
    failed trials are last.
    """

    study: str
    trial: FinishedTrial
    spec: Spec
    parts: Parts
    rank: float

    @property
    def name(self) -> str:
        return f"{self.study}/{self.trial.number} ({self.trial.proposal.label})"


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
    last = max(len(with_spec) - 1, 1)
    return [
        Tried(study.name, trial, spec, parts_in(spec), place / last)
        for place, (trial, spec) in enumerate(with_spec)
    ]


def _how_far(trial: FinishedTrial) -> tuple[int, float]:
    """A sort key, the best first: complete by value, pruned by last rung and value, failed."""
    outcome = trial.outcome
    if outcome.score is not None:
        return (-99, outcome.score)
    if outcome.state is Ending.PRUNED and outcome.rungs:
        return (-len(outcome.rungs), list(outcome.rungs.values())[-1])
    return (0, 0.0)
