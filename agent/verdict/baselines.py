"""A winner against known optimizers that were tuned with as many trials as its own search had."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from agent.study.ledger import Ledger
from agent.study.settings import Settings
from agent.verdict.comparison import Bench, Contender, compare_sequentially, counted
from agent.verdict.comparison_keys import Keys
from agent.verdict.sequential import Decision
from agent.verdict.stage_record import StageRecord
from agent.verdict.statistics import PairedTest
from tracks.submission import InvalidSubmissionError, Submission, read_submission

LEVEL = 0.01
"""Chance that a winner which is no better than a baseline beats it; for each by itself."""


@dataclass(frozen=True)
class Baseline:
    """The best of a study that tuned one known optimizer."""

    family: str
    study: str
    trials: int
    submission: Submission


@dataclass(frozen=True)
class BaselineRow:
    """The winner against one baseline; `test` is of the winner's advantage, in `unit`.

    `scores` are the baseline's on the held-out `instances`, `winner` the winner's; None for a run
    that failed. `test` is None where no test could count a run.
    """

    family: str
    study: str
    trials: int
    digest: str
    key: str
    unit: str
    instances: tuple[str, ...]
    scores: tuple[float | None, ...]
    winner: tuple[float | None, ...]
    test: PairedTest | None = None
    beaten: bool = False


@dataclass(frozen=True)
class BaselineRecord(StageRecord):
    file: ClassVar[str] = "baselines"

    rows: tuple[BaselineRow, ...] = ()


def tuned_baselines(ledger: Ledger, settings: Settings) -> list[Baseline]:
    """Baselines of this track, objective and scale with at least as many trials; the most each."""
    found: dict[str, Baseline] = {}
    asked = (settings.track, settings.track_digest, settings.objective, settings.scale)
    for study in ledger.all():
        other, best = study.settings, study.best()
        trials = len(study.finished())
        if other.tuned is None or best is None or trials < settings.budget:
            continue
        if (other.track, other.track_digest, other.objective, other.scale) != asked:
            continue
        if other.tuned not in found or trials > found[other.tuned].trials:
            try:
                submission = read_submission(study.trial_folder(best.number))
            except InvalidSubmissionError:
                continue  # its folder was removed
            found[other.tuned] = Baseline(other.tuned, study.name, trials, submission)
    return [found[family] for family in sorted(found)]


def against_baselines(
    bench: Bench, keys: Keys, winner: Contender, baselines: Sequence[Baseline]
) -> tuple[BaselineRow, ...]:
    """One row a baseline, on held-out instances of its own, with interim analyses as in a verdict.

    This promotes nothing, so the study's alpha is left alone.
    """
    return tuple(_row(bench, keys, winner, baseline) for baseline in baselines)


def _row(bench: Bench, keys: Keys, winner: Contender, baseline: Baseline) -> BaselineRow:
    opponent = (f"tuned {baseline.family}", baseline.submission)
    key = keys.key(winner[1].digest, baseline.submission.digest)
    analyses, pairs = compare_sequentially(
        bench, (winner, opponent), key, LEVEL, f"comparing with {opponent[0]}"
    )
    objective = bench.objective
    tested = bool(analyses) and analyses[-1].seeds == len(pairs)
    return BaselineRow(
        family=baseline.family,
        study=baseline.study,
        trials=baseline.trials,
        digest=baseline.submission.digest,
        key=key,
        unit=bench.unit,
        instances=tuple(theirs.instance.drawn_from or "" for _, theirs in pairs),
        scores=tuple(counted(theirs, objective) for _, theirs in pairs),
        winner=tuple(own.score(objective) if own.complete else None for own, _ in pairs),
        test=analyses[-1].test if tested else None,
        beaten=tested and analyses[-1].decision == Decision.ACCEPTED,
    )
