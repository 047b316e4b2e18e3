"""What a study did, trial by trial, for the page of its report: times, curves, importance."""

import csv
import math
import warnings
from datetime import datetime
from typing import Any

import optuna
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.trial import FrozenTrial, TrialState

from agent.study.errors import UnreadableFileError
from agent.study.ledger import StudyLedger

CURVES, IMPORTANT = 5, 12
FEWEST = 10
"""Complete trials without which the importance of a parameter means nothing."""


def trial_rows(ledger: StudyLedger) -> list[dict[str, Any]]:
    """Every finished trial: what it was, how it ended, and seconds since the first one began."""
    finished = ledger.finished()
    began = min((t.datetime_start for t in finished if t.datetime_start), default=None)
    rows = []
    for trial in finished:
        scale = trial.user_attrs["outcome"].get("scale")
        ended = {"scale": scale, "ended_s": _seconds(began, trial.datetime_complete)}
        rows.append(trial_row(trial) | ended)
    return rows


def trial_row(trial: FrozenTrial) -> dict[str, Any]:
    """What a finished trial was and how it ended."""
    proposal, outcome = trial.user_attrs["proposal"], trial.user_attrs["outcome"]
    return {
        "trial": trial.number,
        "label": proposal["label"],
        "origin": proposal["origin"],
        "score": outcome.get("score"),
        "final": outcome.get("final"),
        "steps_to_target": outcome.get("steps_to_target"),
        "state": outcome["state"],
        "reason": outcome["reason"],
        "duration_s": outcome["duration_s"],
    }


def _seconds(began: datetime | None, ended: datetime | None) -> float | None:
    return (ended - began).total_seconds() if began and ended else None


def learning_curves(ledger: StudyLedger) -> list[dict[str, Any]]:
    """(step, metric) of the best trials' official runs."""
    best = ledger.ranked()[:CURVES]
    return [
        {"trial": t.number, "label": t.user_attrs["proposal"]["label"], "points": points}
        for t in best
        if (points := _curve(ledger, t))
    ]


def _curve(ledger: StudyLedger, trial: FrozenTrial) -> list[tuple[int, float]]:
    path = ledger.trial_folder(trial.number) / "curve.csv"
    try:
        with open(path, newline="") as file:
            _, *rows = csv.reader(file)
        points = [(int(step), float(value)) for step, value in rows]
    except FileNotFoundError:
        return []
    except (ValueError, csv.Error) as error:
        raise UnreadableFileError(
            f"{path} is damaged: no curve ({error}); remove it, and the report does without"
        ) from error
    return [(step, value) for step, value in points if math.isfinite(value)]


def importance(ledger: StudyLedger) -> dict[str, float]:
    """Share of each sampled decision in what set the good trials apart, the largest first.

    PED-ANOVA (Watanabe et al. 2023, arXiv:2304.10255), over complete trials. Empty where there are
    too few.
    """
    study = ledger.study
    if len(ledger.trials(TrialState.COMPLETE)) < FEWEST:
        return {}
    try:
        with warnings.catch_warnings():
            # that some parts were tried in one trial only
            warnings.simplefilter("ignore")
            shares = get_param_importances(study, evaluator=PedAnovaImportanceEvaluator())
    except (ValueError, RuntimeError, optuna.exceptions.OptunaError):
        return {}
    largest = sorted(shares.items(), key=lambda item: -item[1])[:IMPORTANT]
    return {name: float(share) for name, share in largest if share > 0}
