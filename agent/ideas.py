"""The running commentary on a track: what is confirmed, what to try next, what does not work."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from optuna.trial import FrozenTrial

from agent.ledger import Settings, StudyLedger, trial_state
from agent.parts import part_name
from agent.statistics import excludes_zero
from agent.surrogate import Parts, Surrogate
from search_space.part import Structure
from search_space.registry import PHASE_KINDS, RUN_KINDS
from search_space.sample import can_sample
from search_space.spec import Spec, make_spec
from tracks.base import Objective, Track

PARENTS, CANDIDATES, SHOWN = 8, 600, 10
FEWEST = 3
"""Trials without which nothing is said of a part."""


@dataclass(frozen=True)
class Tried:
    """A trial with a spec: its parts, and its rank among the trials of its study.

    `rank` is 0 for the best and 1 for the worst. Where trials climbed a ladder they are ranked by
    how far they came and then by the value there; what failed is worst.
    """

    study: str
    trial: FrozenTrial
    spec: Spec
    parts: Parts
    rank: float

    @property
    def name(self) -> str:
        return f"{self.study}/{self.trial.number} ({self.trial.user_attrs['proposal']['label']})"


def ideas(
    known: Iterable[StudyLedger],
    track: Track,
    objective: Objective,
    scale: str = "full",
    shown: int = SHOWN,
) -> dict[str, Any]:
    """Everything below, from those of the known studies that searched for the same thing."""
    asked = (track.name, objective, scale, None)
    studies = [study for study in known if _asked(study.settings) == asked]
    tried = [one for study in studies for one in _tried(study)]
    entries = [entry for study in studies for entry in _standing(study)]
    untried, model = _untried(tried, track.structure, shown)
    return {
        "track": track.name,
        "objective": objective,
        "scale": scale,
        "studies": [study.name for study in studies],
        "trials": len(tried),
        "leaderboard": sorted(entries, key=lambda e: (_ORDER.index(e["standing"]), e["score"])),
        "untried": untried,
        "surrogate": model,
        "negative": _negative(tried, studies, shown),
        "interactions": _interactions(studies, shown),
        "adoption": _adoption(entries),
        "records": _records(entries),
    }


_ORDER = ["confirmed", "pending", "refused"]


def _asked(settings: Settings) -> tuple[str, Objective, str, str | None]:
    return (settings.track, settings.objective, settings.scale, settings.tuned)


def parts_in(spec: Spec) -> Parts:
    """`kind part` of whatever is not neutral, "then" before those of later phases."""
    found = {f"{kind} {spec.run[kind].part}" for kind in spec.run.in_use()}
    for index, phase in enumerate(spec.phases):
        before = "then " * index
        found |= {f"{before}{kind} {phase[kind].part}" for kind in {*phase.in_use(), "direction"}}
    return frozenset(found)


def _tried(study: StudyLedger) -> list[Tried]:
    with_spec = [(trial, spec) for trial in study.finished() if (spec := _spec(trial))]
    with_spec.sort(key=lambda one: _how_far(one[0]))
    last = max(len(with_spec) - 1, 1)
    return [
        Tried(study.name, trial, spec, parts_in(spec), place / last)
        for place, (trial, spec) in enumerate(with_spec)
    ]


def _spec(trial: FrozenTrial) -> Spec | None:
    """What was proposed; None for code, and for parts that this version no longer knows."""
    kept = trial.user_attrs["proposal"]["spec"]
    try:
        return make_spec(kept) if kept else None
    except ValueError:
        return None


def _how_far(trial: FrozenTrial) -> tuple[int, float]:
    """Sorts the best first: complete by value, then pruned by the rung they met last, failed."""
    outcome = trial.user_attrs["outcome"]
    if "score" in outcome:
        return (-99, outcome["score"])
    if outcome.get("rungs"):
        return (-len(outcome["rungs"]), list(outcome["rungs"].values())[-1])
    return (0, 0.0)


def _standing(study: StudyLedger) -> list[dict[str, Any]]:
    """The study's verdict, or its best trial while that is not decided."""
    verdict, best = study.read("verdict"), study.best()
    decided = [*study.earlier_verdicts(), *([verdict] if verdict else [])]
    if decided:
        # where nothing was better officially, nothing was tested
        return [_decided(study, one) for one in decided if one["pairs"]]
    if best is None:
        return []
    label = best.user_attrs["proposal"]["label"]
    return [
        {
            "name": f"{study.name}/{best.number} ({label})",
            "standing": "pending",
            "score": best.user_attrs["outcome"]["score"],
            "reason": "measured officially, not confirmed on fresh instances",
            **_origin(study, best),
        }
    ]


def _decided(study: StudyLedger, verdict: dict[str, Any]) -> dict[str, Any]:
    test = verdict["test"]
    open_answer = test and test["mean"] > 0 and not verdict["memorised"]
    judged = [trial for trial in study.finished() if trial.number == verdict.get("trial")]
    return {
        "name": verdict["challenger"],
        "standing": "confirmed" if verdict["accepted"] else "pending" if open_answer else "refused",
        "score": verdict["official"]["challenger"],
        "reason": verdict["reason"],
        **_origin(study, judged[0] if judged else study.best()),
    }


def _origin(study: StudyLedger, best: FrozenTrial | None) -> dict[str, Any]:
    spec = _spec(best) if best else None
    ablation = study.ablation()
    simplified = ablation and ablation["simplified"]
    taken = simplified["parts"] if simplified and simplified["verdict"]["accepted"] else []
    removed = [part_name(ablation["rows"][index]) for index in taken]
    ended = best.datetime_complete if best else None
    return {
        "study": study.name,
        "trial": best.number if best else None,
        "origin": best.user_attrs["proposal"]["origin"] if best else None,
        "parts": sorted(parts_in(spec)) if spec else [],
        "taken_out": removed,
        "date": ended.isoformat(timespec="seconds") if isinstance(ended, datetime) else None,
    }


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


def _negative(
    tried: Sequence[Tried], studies: Sequence[StudyLedger], shown: int
) -> list[dict[str, Any]]:
    """Parts that hurt in an ablation, or whose trials come out worst."""
    found = []
    for study in studies:
        for row in (study.ablation() or {"rows": []})["rows"]:
            if row["finding"] in ("hurts", "barnacle"):
                evidence = f"{row['finding']} in the ablation of {study.name}"
                evidence += f" ({row['delta']:+.3g} without it)"
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
            failed = Counter(trial_state(one.trial) for one in users)
            states = ", ".join(f"{count} {state}" for state, count in failed.most_common())
            worst.append((mean, part, f"{len(users)} trials, none in the better half: {states}"))
    worst.sort(reverse=True)
    return found + [{"part": part, "evidence": text} for _, part, text in worst[:shown]]


def _interactions(studies: Sequence[StudyLedger], shown: int) -> list[dict[str, Any]]:
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


def _adoption(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """In how many confirmed winners a part is, most first."""
    winners = [entry for entry in entries if entry["standing"] == "confirmed"]
    used = Counter(part for entry in winners for part in set(entry["parts"]))
    dropped = Counter(part for entry in winners for part in entry["taken_out"])
    return [
        {"part": part, "winners": count, "of": len(winners), "taken_out": dropped[part]}
        for part, count in used.most_common()
    ]


def _records(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Confirmed results that were the best when they came, in order."""
    best, found = float("inf"), []
    confirmed = [e for e in entries if e["standing"] == "confirmed" and e["date"]]
    for entry in sorted(confirmed, key=lambda e: e["date"]):
        if entry["score"] < best:
            best = entry["score"]
            found.append({key: entry[key] for key in ("date", "name", "score", "study", "origin")})
    return found
