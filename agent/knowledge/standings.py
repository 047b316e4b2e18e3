"""What the studies of a track decided: confirmed, pending and refused entries, and records."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from agent.knowledge.tried import parts_in
from agent.study.records import FinishedTrial
from agent.study.study import Study
from agent.verdict.verdict import Verdict, earlier_verdicts

ORDER = ("confirmed", "pending", "refused")
PENDING = 3
"""Of a study, at most."""


def standings(studies: Iterable[Study]) -> list[dict[str, Any]]:
    """One entry a decision, and the best trials that nothing was decided about; confirmed first."""
    entries = [entry for study in studies for entry in _standing(study)]
    entries.sort(key=lambda entry: (ORDER.index(entry["standing"]), entry["score"]))
    decided = {entry["digest"] for entry in entries if not entry["waits"]}
    shown, seen = [], set(decided)
    for entry in entries:
        # a recipe is a trial of many studies
        if not entry["waits"] or entry["digest"] not in seen:
            shown.append(entry)
            seen.add(entry["digest"])
    return shown


def _standing(study: Study) -> list[dict[str, Any]]:
    """What the study decided, and its best trials that nothing was decided about."""
    verdict = Verdict.of(study)
    decided = [*earlier_verdicts(study), *([verdict] if verdict else [])]
    judged = {one.trial for one in decided}
    bar = verdict.official.incumbent if verdict and verdict.official else math.inf
    waiting = [t for t in study.ranked() if t.number not in judged and (t.value or 0.0) < bar]
    # where nothing was better officially, nothing was tested
    tested = [_decided(study, one) for one in decided if one.pairs]
    return tested + [_pending(study, trial) for trial in waiting[:PENDING]]


def _pending(study: Study, trial: FinishedTrial) -> dict[str, Any]:
    return {
        "name": f"{study.name}/{trial.number} ({trial.proposal.label})",
        "standing": "pending",
        "score": trial.outcome.score,
        "reason": "measured officially, not compared on held-out instances",
        "waits": True,
        **_origin(study, trial),
    }


def _decided(study: Study, verdict: Verdict) -> dict[str, Any]:
    test = verdict.test
    # without a test the incumbent failed, or the challenger did
    open_answer = test.mean > 0 and not verdict.memorised if test else _unknown(verdict)
    judged = [trial for trial in study.finished() if trial.number == verdict.trial]
    best = judged[0] if judged else study.best()
    about: dict[str, Any] = {"taken_out": list(verdict.taken_out)}
    if verdict.date:
        about["date"] = verdict.date
    assert verdict.official, "held-out instances follow the official one"
    return {
        "name": verdict.challenger,
        "standing": "confirmed" if verdict.accepted else "pending" if open_answer else "refused",
        "score": verdict.official.challenger,
        "reason": verdict.reason,
        "waits": False,
        **_origin(study, best),
        **about,
    }


def _unknown(verdict: Verdict) -> bool:
    """Whether only the incumbent failed, so that nothing is known of the challenger."""
    return all(pair.challenger is not None for pair in verdict.pairs)


def _origin(study: Study, trial: FinishedTrial | None) -> dict[str, Any]:
    spec = trial.proposal.known_spec() if trial else None
    ended = trial.ended if trial else None
    return {
        "study": study.name,
        "trial": trial.number if trial else None,
        "digest": trial.proposal.digest if trial else None,
        "origin": trial.proposal.origin if trial else None,
        "parts": sorted(parts_in(spec)) if spec else [],
        "taken_out": [],
        "date": ended.isoformat(timespec="seconds") if ended else None,
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
