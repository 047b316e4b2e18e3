"""The running commentary on a track: what is confirmed, what to try next, what does not work."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from agent.knowledge.stacking import acts_on, stacked
from agent.knowledge.standings import adoption, records, standings
from agent.knowledge.surrogate import Parts, Surrogate
from agent.knowledge.techniques import Technique
from agent.knowledge.tried import Tried, parts_in, tried_trials
from agent.study.settings import Settings
from agent.study.study import Study
from agent.verdict.removable import part_name, removed_with
from agent.verdict.statistics import excludes_zero
from search_space.part import Structure
from search_space.registry import PHASE_KINDS, RUN_KINDS
from search_space.sample import can_sample
from search_space.spec import Spec, make_spec
from tracks.base import Objective, Track

PARENTS, CANDIDATES, SHOWN = 8, 600, 10
FEWEST = 3
"""Trials without which nothing is said of a part."""


def ideas(
    known: Iterable[Study],
    track: Track,
    objective: Objective,
    scale: str = "full",
    shown: int = SHOWN,
    techniques: Sequence[Technique] = (),
) -> dict[str, Any]:
    """Everything below, from those of the known studies that searched for the same thing.

    `techniques` are what surveys found; those that do something on the track are told.
    """
    asked = (track.name, objective, scale, None)
    studies = [study for study in known if _asked(study.settings) == asked]
    tried = [one for study in studies for one in tried_trials(study)]
    entries = standings(studies)
    untried, model = _untried(tried, track.structure, shown)
    return {
        "track": track.name,
        "objective": objective,
        "scale": scale,
        "studies": [study.name for study in studies],
        "trials": len(tried),
        "leaderboard": entries,
        "untried": untried,
        "surrogate": model,
        "negative": _negative(tried, studies, shown),
        "interactions": _interactions(studies, shown),
        "elsewhere": _elsewhere(techniques, studies, track.structure),
        "adoption": adoption(entries),
        "records": records(entries),
    }


def _asked(settings: Settings) -> tuple[str, Objective, str, str | None]:
    return (settings.track, settings.objective, settings.scale, settings.tuned)


def _untried(
    tried: Sequence[Tried], structure: Structure, shown: int
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Combinations next to good ones, by expected improvement on the best known rank."""
    try:
        model = Surrogate([one.parts for one in tried], [one.rank for one in tried])
    except ValueError:
        return [], None
    known = {one.parts for one in tried}
    best = min(model.predict(one.parts).mean for one in tried)
    found: dict[Parts, dict[str, Any]] = {}
    for parent, spec, change in _neighbours(sorted(tried, key=lambda t: t.rank), structure):
        parts = parts_in(spec)
        if parts in known or parts in found:
            continue
        predicted = model.predict(parts)
        found[parts] = {
            "from": parent.name,
            "change": change,
            "spec": spec.to_json(),
            "rank": predicted.mean,
            "std": predicted.std,
            "gain": best - predicted.mean,
            "chance": predicted.chance_below(best),
            "value": predicted.gain_below(best),
        }
    ranked = sorted(found.values(), key=lambda idea: -idea["value"])
    described = {
        "error": model.error,
        "spread": model.spread,
        "trials": len(tried),
        "explained": 1 - (model.error / model.spread) ** 2 if model.spread else 0.0,
    }
    return ranked[:shown], described


def _neighbours(ranked: Sequence[Tried], structure: Structure) -> Iterable[tuple[Tried, Spec, str]]:
    """Good specs with one choice, or two, taken from another good spec. Always the same ones."""
    drawn = random.Random(0)
    parents = ranked[:PARENTS]
    donors = ranked[: max(PARENTS, len(ranked) // 2)]
    run_kinds = {kind.name for kind in RUN_KINDS}
    kinds = [kind.name for kind in (*RUN_KINDS, *PHASE_KINDS)]
    for _ in range(CANDIDATES if len(donors) > 1 else 0):
        parent, donor = drawn.choice(parents), drawn.choice(donors)
        choices = parent.spec.to_json()
        changed = []
        for kind in drawn.sample(kinds, drawn.choice((1, 2))):
            place, source = choices, donor.spec.to_json()
            if kind not in run_kinds:
                place, source = choices["phases"][0], source["phases"][0]
            if place.get(kind) != source.get(kind):
                place.pop(kind, None)
                place |= {kind: source[kind]} if kind in source else {}
                changed.append(f"{kind} {source[kind]['part'] if kind in source else 'left out'}")
        try:
            spec = make_spec(choices)
        except ValueError:
            continue
        if changed and can_sample(spec, structure):
            yield parent, spec, f"{', '.join(changed)} as in {donor.name}"


def _negative(tried: Sequence[Tried], studies: Sequence[Study], shown: int) -> list[dict[str, Any]]:
    """Parts that hurt in an ablation, or whose trials come out worst."""
    found = []
    for study in studies:
        for row in (study.ablation() or {"rows": []})["rows"]:
            if row["finding"] in ("hurts", "barnacle"):
                how = removed_with(row) or " by itself"
                evidence = f"{row['finding']}{how} in the ablation of {study.name}"
                evidence += f" ({row['delta']:+.3g} without, at scale {row['scale']})"
                found.append({"part": part_name(row), "evidence": evidence})
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
    return found + [{"part": part, "evidence": text} for _, part, text in worst[:shown]]


def _elsewhere(
    techniques: Sequence[Technique], studies: Sequence[Study], structure: Structure
) -> list[dict[str, Any]]:
    """Techniques of others, and in how many of the studies that composed them they stacked."""
    came: dict[str, list[bool]] = defaultdict(list)
    for study in studies:
        for row in stacked(study):
            if row["stacks"] is not None:
                came[row["part"]].append(row["stacks"])
    return [
        {**one.to_json(), "composed": len(came[part]), "stacked": sum(came[part])}
        for one in techniques
        if acts_on(part := one.part or "", structure)
    ]


def _interactions(studies: Sequence[Study], shown: int) -> list[dict[str, Any]]:
    """Measured pairs whose interval excludes zero, the largest first within their unit."""
    found = []
    for study in studies:
        ablation = study.ablation()
        pairs = ablation["interactions"]["pairs"] if ablation else []
        for pair in pairs:
            if pair["interval"] and excludes_zero(pair["interval"]):
                first, second = (part_name(ablation["rows"][pair[k]]) for k in ("first", "second"))
                found.append(
                    {
                        "parts": [first, second],
                        "interaction": pair["interaction"],
                        "unit": ablation["interactions"]["unit"],
                        "study": study.name,
                    }
                )
    return sorted(found, key=lambda row: -abs(row["interaction"]))[:shown]
