"""Idea lineage: which trial took what from which, what was expected of it, and what came of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent.knowledge.standings import utc
from agent.knowledge.tried import parts_in, trial_name
from agent.study.records import Bucket, FinishedTrial
from agent.study.study import Study


@dataclass(frozen=True)
class Taken:
    """The parts that a trial has from one of its parents, each from the first that has it."""

    parent: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """A trial that was proposed with a hypothesis.

    `new` parts are of no parent, `lost` ones are the first parent's alone; code has none of either.
    `improved`: its one official evaluation is better than that of every parent; None without
    parents. Results are in words. The date is in UTC.
    """

    date: str | None
    study: str
    trial: str
    by: str
    hypothesis: str
    expected: str
    bucket: Bucket
    taken: tuple[Taken, ...]
    new: tuple[str, ...]
    lost: tuple[str, ...]
    result: str
    before: str
    improved: bool | None


def lineage(studies: Iterable[Study]) -> list[Step]:
    """Every trial with a hypothesis: those that improved, those that did not, then the others.

    Each time the latest first.
    """
    steps = [
        _step(study, trial, finished)
        for study in studies
        for finished in ({trial.number: trial for trial in study.finished()},)
        for trial in finished.values()
        if trial.proposal.hypothesis
    ]
    steps.sort(key=lambda step: (step.date or "", step.trial), reverse=True)
    return [step for came in (True, False, None) for step in steps if step.improved is came]


def _step(study: Study, trial: FinishedTrial, finished: Mapping[int, FinishedTrial]) -> Step:
    why = trial.proposal.hypothesis
    assert why, "a step has a hypothesis"
    parents = [finished[number] for number in why.parents if number in finished]
    own, left = _parts(trial), set(_parts(trial))
    taken = []
    for parent in parents:
        shared = left & _parts(parent)
        taken.append(Taken(trial_name(study.name, parent), tuple(sorted(shared))))
        left -= shared
    ranked = [parent for parent in parents if parent.value is not None]
    best = min(ranked, key=lambda one: one.value or 0.0, default=None)
    before = best or (parents[0] if parents else None)
    return Step(
        date=utc(trial.ended),
        study=study.name,
        trial=trial_name(study.name, trial),
        by=trial.author or trial.proposal.origin,
        hypothesis=why.text,
        expected=why.expected_effect,
        bucket=why.bucket,
        taken=tuple(taken),
        new=tuple(sorted(left)),
        lost=tuple(sorted(_parts(parents[0]) - own)) if parents and own else (),
        result=str(trial.outcome),
        before=str(before.outcome) if before else "",
        improved=_improved(trial, best) if parents else None,
    )


def _improved(trial: FinishedTrial, best: FinishedTrial | None) -> bool:
    """A trial that completes improves on parents that did not."""
    if trial.value is None:
        return False
    return best is None or best.value is None or trial.value < best.value


def _parts(trial: FinishedTrial) -> frozenset[str]:
    spec = trial.proposal.known_spec()
    return parts_in(spec) if spec else frozenset()
