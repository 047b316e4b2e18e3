"""Surveyed techniques joined to the best trial, to see which of them stack."""

import math
from collections.abc import Sequence
from typing import Any

from agent.knowledge.stacking import composed
from agent.knowledge.techniques import Technique
from agent.study.records import Composition, FinishedTrial, Hypothesis, Origin, Queued
from agent.study.study import Study
from search_space.part import Structure
from search_space.registry import RUN_KINDS, get_kind
from search_space.sample import trial_params
from search_space.spec import Spec, make_spec

SHARE = 0.5
"""Of the budget, at most, for compositions."""


def enqueue_composition(
    study: Study, techniques: Sequence[Technique], structure: Structure
) -> bool:
    """Queue the next technique that fits, in their order; False where there is none.

    It joins the best trial with a spec at that time, so that later ones build on what stacked.
    Every part is composed once in a study.
    """
    joined_before = composed(study)
    if len(joined_before) >= SHARE * study.settings.budget:
        return False
    done = {composition.part for _, composition in joined_before}
    bases = ((trial, trial.proposal.known_spec()) for trial in study.ranked())
    base, known = next(((trial, spec) for trial, spec in bases if spec), (None, None))
    start = known or make_spec({})
    for technique in techniques:
        if technique.part is None or technique.part in done:
            continue
        spec = joined(start, technique.part)
        if spec is None:
            continue
        try:
            params = trial_params(spec, structure)
        except ValueError:
            continue
        about = technique.to_json() | {"source": technique.short_source}
        queued = Queued(
            origin=Origin.COMPOSED,
            label=f"{spec.label}, {technique.part}",
            composition=Composition(**about, base=base.number if base else None),
            hypothesis=_hypothesis(technique, base),
        )
        study.enqueue(params, queued)
        return True
    return False


def joined(base: Spec, part: str) -> Spec | None:
    """`base` with a part, `kind name`, in every phase; None where that is invalid or no change.

    The part has its default numbers, and keeps those that all parts of its kind have, as the step
    size of a schedule; a direction that needs other step sizes gets their geometric mean.
    """
    name_of_kind, _, name = part.partition(" ")
    kind = get_kind(name_of_kind)
    choices = base.to_json()
    places = [choices] if kind in RUN_KINDS else choices["phases"]
    for place in places:
        before = place.get(kind.name, {"part": kind.neutral})
        if before["part"] != name:
            kept = {one.name: before[one.name] for one in kind.shared if one.name in before}
            place[kind.name] = {"part": name, **kept}
            if kind.name == "direction":
                _fit_step_size(place, kind.part(name).step_sizes)
    try:
        spec = make_spec(choices)
    except ValueError:
        return None
    return None if spec.identifier == base.identifier else spec


def _hypothesis(technique: Technique, base: FinishedTrial | None) -> Hypothesis:
    text = f"{technique.name}, as {technique.short_source} has it"
    parents = (base.number,) if base else ()
    return Hypothesis(text, technique.claimed_gain, technique.bucket, parents)


def _fit_step_size(phase: dict[str, Any], step_sizes: tuple[float, float]) -> None:
    low, high = step_sizes
    schedule = phase.setdefault("schedule", {})
    if not low <= schedule.get("lr", 0.0) <= high:
        schedule["lr"] = math.sqrt(low * high)
