"""A winner against known optimizers that were tuned with as many trials as its own search had."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agent.study.executor import Executor
from agent.study.ledger import Ledger
from agent.study.progress import View
from agent.study.settings import Settings
from agent.verdict.comparison import counted, look_by_look, unit
from agent.verdict.comparison_keys import Keys
from agent.verdict.sequential import Decision
from tracks.submission import InvalidSubmissionError, Submission, read_submission

LEVEL = 0.01
"""Chance that a winner which is no better than a baseline is said to be; for each by itself."""


@dataclass(frozen=True)
class Baseline:
    """The best of a study that tuned one known optimizer."""

    family: str
    study: str
    trials: int
    submission: Submission


def tuned_baselines(ledger: Ledger, settings: Settings) -> list[Baseline]:
    """Baselines of this track, objective and scale with at least as many trials; the most each."""
    found: dict[str, Baseline] = {}
    for study in ledger.all():
        other, best = study.settings, study.best()
        asked = (other.track, other.objective, other.scale)
        trials = len(study.finished())
        if other.tuned is None or best is None or trials < settings.budget:
            continue
        if asked != (settings.track, settings.objective, settings.scale):
            continue
        if other.tuned not in found or trials > found[other.tuned].trials:
            try:
                submission = read_submission(study.trial_folder(best.number))
            except InvalidSubmissionError:
                continue  # its folder was removed
            found[other.tuned] = Baseline(other.tuned, study.name, trials, submission)
    return [found[family] for family in sorted(found)]


def against_baselines(
    settings: Settings,
    keys: Keys,
    executor: Executor,
    view: View,
    winner: tuple[str, Submission],
    baselines: Sequence[Baseline],
) -> list[dict[str, Any]]:
    """One row a baseline: mean advantage of the winner on its fresh instances, interval and p.

    On instances of their own, not those that the winner won on; as many as it takes to tell, with
    looks as in a verdict. Nothing is promoted by this, so the study's alpha is left alone.
    """
    objective = settings.objective
    rows = []
    for baseline in baselines:
        opponent = (f"tuned {baseline.family}", baseline.submission)
        title = f"comparing with {opponent[0]}"
        key = keys.key(winner[1].digest, baseline.submission.digest)
        looks, pairs = look_by_look(settings, key, LEVEL, executor, view, winner, opponent, title)
        scores = [counted(theirs, objective) for _, theirs in pairs]
        ours = [own.score(objective) if own.complete else None for own, _ in pairs]
        row: dict[str, Any] = {
            "family": baseline.family,
            "study": baseline.study,
            "trials": baseline.trials,
            "digest": baseline.submission.digest,
            "key": key,
            "unit": unit(objective, settings.track),
            "instances": [theirs.instance.drawn_from for _, theirs in pairs],
            "scores": scores,
            "winner": ours,
            "test": None,
            "beaten": False,
        }
        if looks and len(looks[-1].test.differences) == len(pairs):
            row["test"] = asdict(looks[-1].test)
            row["beaten"] = looks[-1].decision == Decision.ACCEPTED
        rows.append(row)
    return rows
