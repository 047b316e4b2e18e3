"""The standing of optimizers on a track: confirmed, pending or refused, each with its evidence."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from agent.knowledge.tried import parts_in, trial_name
from agent.study.records import FinishedTrial, Origin
from agent.study.study import Study
from agent.verdict.chaos_record import Interval
from agent.verdict.effect import missed
from agent.verdict.verdict import Verdict, earlier_verdicts

ORDER = ("confirmed", "pending", "refused")
PENDING = 3
"""Of a study, at most."""
NO_STUDY = "-"
"""Of a submission of the workspace that no study of its ledger measured."""
WAITS = "measured officially, not compared on held-out instances"


@dataclass(frozen=True)
class Advantage:
    """The mean over held-out instances of the result of `over` minus the challenger's, in `unit`.

    `interval` is its 95% t-interval; `at_least` says that only `over` missed targets, so that the
    mean is a lower bound.
    """

    over: str
    mean: float
    interval: tuple[float, float]
    unit: str
    instances: int
    p: float
    at_least: bool


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A decision about a trial, or a good result without one (`waits`); `score` is official.

    `digest` is of the trial's file, `judged` of the one that a verdict is about, which may have
    fewer parts. `interval` is that of the official result over `runs`, the best and the worst of
    them, where the file was measured with perturbed initial weights. Dates are in UTC; `author` is
    a model.
    """

    name: str
    standing: Literal["confirmed", "pending", "refused"]
    score: float
    reason: str
    waits: bool
    study: str
    trial: int | None = None
    digest: str | None = None
    judged: str | None = None
    origin: Origin | None = None
    author: str = ""
    parts: tuple[str, ...] = ()
    taken_out: tuple[str, ...] = ()
    date: str | None = None
    advantage: Advantage | None = None
    interval: Interval | None = None
    runs: int = 1

    @property
    def by(self) -> str:
        """Who proposed it: the model, else the origin."""
        return self.author or self.origin or "-"

    @property
    def kept(self) -> frozenset[str]:
        """Its parts without those that the ablation removed."""
        return frozenset(self.parts) - frozenset(self.taken_out)


def standings(studies: Iterable[Study], published: Sequence[Standing] = ()) -> list[Standing]:
    """The decisions, and the best results without one; confirmed first, each file once.

    `published` are submissions of the workspace; a winner of one of the studies is the study's.
    """
    entries = [entry for study in studies for entry in _of_study(study)]
    named = {entry.name for entry in entries if not entry.waits}
    entries += [entry for entry in published if entry.name not in named]
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
    return tested + [evaluated(study, trial) for trial in waiting[:PENDING]]


def evaluated(study: Study, trial: FinishedTrial) -> Standing:
    """A complete trial by its official result alone."""
    assert trial.outcome.score is not None, "complete trials are ranked"
    return Standing(
        name=trial_name(study.name, trial),
        standing="pending",
        score=trial.outcome.score,
        reason=WAITS,
        waits=True,
        study=study.name,
        trial=trial.number,
        digest=trial.proposal.digest,
        origin=trial.proposal.origin,
        author=trial.author,
        parts=_parts(trial),
        date=utc(trial.ended),
    )


def _decided(study: Study, verdict: Verdict) -> Standing:
    judged = [trial for trial in study.finished() if trial.number == verdict.trial]
    trial = judged[0] if judged else study.best()
    return decision(
        verdict,
        study.name,
        Proposed(trial.proposal.origin, trial.author, _parts(trial)) if trial else Proposed(),
        digest=trial.proposal.digest if trial else None,
        date=verdict.date or (utc(trial.ended) if trial else None),
    )


@dataclass(frozen=True)
class Proposed:
    """Where what a verdict is about came from."""

    origin: Origin | None = None
    author: str = ""
    parts: tuple[str, ...] = ()


def decision(
    verdict: Verdict, study: str, proposed: Proposed, *, digest: str | None, date: str | None
) -> Standing:
    """The standing that a verdict gives; it must have compared something."""
    test = verdict.test
    # without a test a run failed; where it was the incumbent's, the challenger is still open
    challenger_ran = all(pair.challenger is not None for pair in verdict.pairs)
    pending = test.mean > 0 and not verdict.memorised if test else challenger_ran
    assert verdict.official, "held-out instances follow the official one"
    return Standing(
        name=verdict.challenger,
        standing="confirmed" if verdict.accepted else "pending" if pending else "refused",
        score=verdict.official.challenger,
        reason=verdict.reason,
        waits=False,
        study=study,
        trial=verdict.trial,
        digest=digest,
        judged=verdict.challenger_digest,
        origin=proposed.origin,
        author=proposed.author,
        parts=proposed.parts,
        taken_out=verdict.taken_out,
        date=date,
        advantage=_advantage(verdict),
    )


def _advantage(verdict: Verdict) -> Advantage | None:
    if not (test := verdict.test):
        return None
    ours, theirs = missed(verdict)
    bound, count = bool(theirs and not ours and test.mean > 0), len(verdict.pairs)
    return Advantage(
        verdict.incumbent, test.mean, test.interval, verdict.unit, count, test.p, bound
    )


def _parts(trial: FinishedTrial) -> tuple[str, ...]:
    """Empty for code."""
    spec = trial.proposal.known_spec()
    return tuple(sorted(parts_in(spec))) if spec else ()


def utc(moment: datetime | None) -> str | None:
    """A time, local as that of a trial or with its zone, as ISO 8601 in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None
