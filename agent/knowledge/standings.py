"""The standing of optimizers on a track: confirmed, pending or refused; and records."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agent.knowledge.tried import parts_in
from agent.study.records import FinishedTrial, Origin
from agent.study.study import Study
from agent.verdict.verdict import Verdict, earlier_verdicts

ORDER = ("confirmed", "pending", "refused")
PENDING = 3
"""Of a study, at most."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A decision about a trial, or a good trial without one (`waits`); `score` is official."""

    name: str
    standing: Literal["confirmed", "pending", "refused"]
    score: float
    reason: str
    waits: bool
    study: str
    trial: int | None = None
    digest: str | None = None
    origin: Origin | None = None
    parts: tuple[str, ...] = ()
    taken_out: tuple[str, ...] = ()
    date: str | None = None


def standings(studies: Iterable[Study]) -> list[Standing]:
    """The decisions, and the best trials without one; confirmed first, each file once."""
    entries = [entry for study in studies for entry in _of_study(study)]
    entries.sort(key=lambda entry: (ORDER.index(entry.standing), entry.score))
    shown, seen = [], {entry.digest for entry in entries if not entry.waits}
    for entry in entries:
        # a recipe is a trial of many studies
        if not entry.waits or entry.digest not in seen:
            shown.append(entry)
            seen.add(entry.digest)
    return shown


def _of_study(study: Study) -> list[Standing]:
    verdict = Verdict.of(study)
    decided = [*earlier_verdicts(study), *([verdict] if verdict else [])]
    judged = {one.trial for one in decided}
    bar = verdict.official.incumbent if verdict and verdict.official else math.inf
    waiting = [t for t in study.ranked() if t.number not in judged and (t.value or 0.0) < bar]
    # without an official gain nothing was tested
    tested = [_decided(study, one) for one in decided if one.pairs]
    return tested + [_pending(study, trial) for trial in waiting[:PENDING]]


def _pending(study: Study, trial: FinishedTrial) -> Standing:
    assert trial.outcome.score is not None, "complete trials are ranked"
    return Standing(
        name=f"{study.name}/{trial.number} ({trial.proposal.label})",
        standing="pending",
        score=trial.outcome.score,
        reason="measured officially, not compared on held-out instances",
        waits=True,
        **_about(study, trial),
    )


def _decided(study: Study, verdict: Verdict) -> Standing:
    test = verdict.test
    # without a test a run failed; where it was the incumbent's, the challenger is still open
    challenger_ran = all(pair.challenger is not None for pair in verdict.pairs)
    pending = test.mean > 0 and not verdict.memorised if test else challenger_ran
    judged = [trial for trial in study.finished() if trial.number == verdict.trial]
    about = _about(study, judged[0] if judged else study.best())
    about |= {"taken_out": verdict.taken_out, "date": verdict.date or about.get("date")}
    assert verdict.official, "held-out instances follow the official one"
    return Standing(
        name=verdict.challenger,
        standing="confirmed" if verdict.accepted else "pending" if pending else "refused",
        score=verdict.official.challenger,
        reason=verdict.reason,
        waits=False,
        **about,
    )


def _about(study: Study, trial: FinishedTrial | None) -> dict[str, Any]:
    if trial is None:
        return {"study": study.name}
    spec = trial.proposal.known_spec()
    return {
        "study": study.name,
        "trial": trial.number,
        "digest": trial.proposal.digest,
        "origin": trial.proposal.origin,
        "parts": tuple(sorted(parts_in(spec))) if spec else (),
        "date": trial.ended.isoformat(timespec="seconds") if trial.ended else None,
    }


@dataclass(frozen=True)
class Adoption:
    """In how many of all confirmed winners a part is, and how often an ablation removed it."""

    part: str
    winners: int
    of: int
    taken_out: int


@dataclass(frozen=True)
class BestSoFar:
    """A confirmed result that was the best at its date."""

    date: str
    name: str
    score: float
    study: str
    origin: Origin | None


def adoption(entries: Sequence[Standing]) -> list[Adoption]:
    """In how many confirmed winners a part is, the most frequent first."""
    winners = [entry for entry in entries if entry.standing == "confirmed"]
    used = Counter(part for entry in winners for part in entry.parts)
    dropped = Counter(part for entry in winners for part in entry.taken_out)
    most = used.most_common()
    return [Adoption(part, count, len(winners), dropped[part]) for part, count in most]


def records(entries: Sequence[Standing]) -> list[BestSoFar]:
    """Confirmed results that were the best at their date, in order."""
    best, found = math.inf, []
    dated = [(e.date, e) for e in entries if e.standing == "confirmed" and e.date]
    for date, entry in sorted(dated, key=lambda one: one[0]):
        if entry.score < best:
            best = entry.score
            found.append(BestSoFar(date, entry.name, best, entry.study, entry.origin))
    return found
