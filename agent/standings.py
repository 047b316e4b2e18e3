"""What the studies of a track decided: confirmed, pending and refused entries, and records."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from agent.ledger import StudyLedger
from agent.parts import part_name
from agent.tried import parts_in, spec_of

ORDER = ("confirmed", "pending", "refused")
PENDING = 3
"""Of a study, at most."""


def standings(studies: Iterable[StudyLedger]) -> list[dict[str, Any]]:
    """One entry a decision, and the best trials that nothing was decided about; confirmed first."""
    entries = [entry for study in studies for entry in _standing(study)]
    return sorted(entries, key=lambda entry: (ORDER.index(entry["standing"]), entry["score"]))


def _standing(study: StudyLedger) -> list[dict[str, Any]]:
    """What the study decided, and its best trials that nothing was decided about."""
    verdict = study.read("verdict")
    decided = [*study.earlier_verdicts(), *([verdict] if verdict else [])]
    judged = {one.get("trial") for one in decided}
    bar = (verdict or {}).get("official", {}).get("incumbent", math.inf)
    ranked = sorted(study.trials(TrialState.COMPLETE), key=lambda t: (t.values[0], t.number))
    waiting = [t for t in ranked if t.number not in judged and t.values[0] < bar]
    # where nothing was better officially, nothing was tested
    tested = [_decided(study, one) for one in decided if one["pairs"]]
    return tested + [_pending(study, trial) for trial in waiting[:PENDING]]


def _pending(study: StudyLedger, trial: FrozenTrial) -> dict[str, Any]:
    return {
        "name": f"{study.name}/{trial.number} ({trial.user_attrs['proposal']['label']})",
        "standing": "pending",
        "score": trial.user_attrs["outcome"]["score"],
        "reason": "measured officially, not compared on fresh instances",
        **_origin(study, trial),
    }


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
    spec = spec_of(best) if best else None
    ablation = study.ablation()
    verdict = study.read("verdict")
    ablated = best and ablation and verdict and verdict.get("trial") == best.number
    simplified = ablated and ablation["simplified"]
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


def adoption(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """In how many confirmed winners a part is, most first."""
    winners = [entry for entry in entries if entry["standing"] == "confirmed"]
    used = Counter(part for entry in winners for part in set(entry["parts"]))
    dropped = Counter(part for entry in winners for part in entry["taken_out"])
    return [
        {"part": part, "winners": count, "of": len(winners), "taken_out": dropped[part]}
        for part, count in used.most_common()
    ]


def records(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Confirmed results that were the best when they came, in order."""
    best, found = float("inf"), []
    confirmed = [e for e in entries if e["standing"] == "confirmed" and e["date"]]
    for entry in sorted(confirmed, key=lambda e: e["date"]):
        if entry["score"] < best:
            best = entry["score"]
            found.append({key: entry[key] for key in ("date", "name", "score", "study", "origin")})
    return found
