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


def stacked(ledger: Study) -> list[dict[str, Any]]:
    """Finished compositions with the trial that each joined; `stacks` is None without one."""
    came = {trial.number: str(trial.outcome) for trial in ledger.finished()}
    ranks = {trial.number: trial.value or 0.0 for trial in ledger.ranked()}
    rows = []
    for trial, composition in composed(ledger):
        if trial.number not in came:
            continue
        number, base = trial.number, composition.base
        better = base in ranks and number in ranks and ranks[number] < ranks[base]
        told = {
            "trial": number,
            "before": None if base is None else came.get(base),
            "after": came[number],
        }
        stacks = None if base is None else better
        rows.append({**composition.to_json(), **told, "stacks": stacks})
    return rows


def composed(ledger: Study) -> list[tuple[Trial, Composition]]:
    """Including duplicates."""
    return [
        (trial, trial.queued.composition)
        for trial in ledger.every_trial()
        if trial.queued and trial.queued.composition
    ]
