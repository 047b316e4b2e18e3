"""Compositions: which techniques stacked, that is improved the trial that they joined."""

from agent.study.records import Composition, Trial
from agent.study.study import Study
from search_space import walk
from search_space.part import Structure
from search_space.registry import get_kind


class Stacked(Composition, frozen=True):
    """A finished composition: how the trial that it joined and its own `trial` ended.

    `before` and `stacks`, whether it improved that trial, are None where it joined none.
    """

    trial: int
    before: str | None
    after: str
    stacks: bool | None


def acts_on(part: str, structure: Structure) -> bool:
    """Whether a part, `kind name`, acts on models of `structure`; an unknown one, "", may."""
    kind, _, name = part.partition(" ")
    return not part or walk.acts_on(get_kind(kind).part(name), structure)


def stacked(study: Study) -> list[Stacked]:
    """Finished compositions, in the order of trials."""
    outcomes = {trial.number: str(trial.outcome) for trial in study.finished()}
    ranks = {trial.number: trial.value or 0.0 for trial in study.ranked()}
    rows = []
    for trial, composition in composed(study):
        if trial.number not in outcomes:
            continue
        number, base = trial.number, composition.base
        before, stacks = None, None
        if base is not None:
            before = outcomes.get(base)
            stacks = base in ranks and number in ranks and ranks[number] < ranks[base]
        rows.append(
            Stacked(
                **composition.to_json(),
                trial=number,
                before=before,
                after=outcomes[number],
                stacks=stacks,
            )
        )
    return rows


def composed(study: Study) -> list[tuple[Trial, Composition]]:
    """Including duplicates."""
    return [
        (trial, trial.queued.composition)
        for trial in study.every_trial()
        if trial.queued and trial.queued.composition
    ]
