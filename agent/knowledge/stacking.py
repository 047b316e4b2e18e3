"""Ideas that were joined to the best so far: which of them made it better."""

from typing import Any

from optuna.trial import FrozenTrial, TrialState

from agent.study.ledger import StudyLedger
from agent.study.outcome import describe
from search_space.part import Structure
from search_space.registry import get_kind


def acts_on(part: str, structure: Structure) -> bool:
    """Whether a part, written `kind name`, does anything on models of `structure`; new ones may."""
    kind, _, name = part.partition(" ")
    return not part or get_kind(kind).part(name).structure in ("any", structure)


def stacked(ledger: StudyLedger) -> list[dict[str, Any]]:
    """What was composed, with the trial it joined; `stacks` says whether that became better."""
    came = {trial.number: describe(trial.user_attrs["outcome"]) for trial in ledger.finished()}
    ranks = {t.number: t.values[0] for t in ledger.finished() if t.state is TrialState.COMPLETE}
    rows = []
    for trial in composed(ledger):
        if trial.number not in came:
            continue
        technique, number = trial.user_attrs["technique"], trial.number
        base = technique["base"]
        better = base in ranks and number in ranks and ranks[number] < ranks[base]
        told = {"trial": number, "before": came.get(base), "after": came[number]}
        rows.append({**technique, **told, "stacks": None if base is None else better})
    return rows


def composed(ledger: StudyLedger) -> list[FrozenTrial]:
    """Also those that turned out to have been tried before."""
    everything = ledger.every_trial()
    return [trial for trial in everything if "technique" in trial.user_attrs]
