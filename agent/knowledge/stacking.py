"""Compositions: which techniques stacked, that is improved the trial that they joined."""

from typing import Any

from agent.study.records import Composition, Trial
from agent.study.study import Study
from search_space.part import Structure
from search_space.registry import get_kind


def acts_on(part: str, structure: Structure) -> bool:
    """Whether a part, `kind name`, acts on models of `structure`; an unknown one, "", may."""
    kind, _, name = part.partition(" ")
    return not part or get_kind(kind).part(name).structure in ("any", structure)


def stacked(study: Study) -> list[dict[str, Any]]:
    """Finished compositions with the trial that each joined; `stacks` is None without one."""
    outcomes = {trial.number: str(trial.outcome) for trial in study.finished()}
    ranks = {trial.number: trial.value or 0.0 for trial in study.ranked()}
    rows = []
    for trial, composition in composed(study):
        if trial.number not in outcomes:
            continue
        number, base = trial.number, composition.base
        better = base in ranks and number in ranks and ranks[number] < ranks[base]
        rows.append(
            composition.to_json()
            | {
                "trial": number,
                "before": None if base is None else outcomes.get(base),
                "after": outcomes[number],
                "stacks": None if base is None else better,
            }
        )
    return rows


def composed(study: Study) -> list[tuple[Trial, Composition]]:
    """Including duplicates."""
    return [
        (trial, trial.queued.composition)
        for trial in study.every_trial()
        if trial.queued and trial.queued.composition
    ]
