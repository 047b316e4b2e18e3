"""What a study did, trial by trial, for the page of its report: times, curves, importance."""

import csv
import math
from datetime import datetime
from typing import Any

from agent.study.errors import UnreadableFileError
from agent.study.records import FinishedTrial
from agent.study.study import Study

CURVES = 5


def trial_rows(ledger: Study) -> list[dict[str, Any]]:
    """Every finished trial: what it was, how it ended, and seconds since the first one began."""
    finished = ledger.finished()
    began = min((t.started for t in finished if t.started), default=None)
    rows = []
    for trial in finished:
        ended = {"scale": trial.outcome.scale, "ended_s": _seconds(began, trial.ended)}
        rows.append({**trial.row(), **ended})
    return rows


def _seconds(began: datetime | None, ended: datetime | None) -> float | None:
    return (ended - began).total_seconds() if began and ended else None


def learning_curves(ledger: Study) -> list[dict[str, Any]]:
    """(step, metric) of the best trials' official runs."""
    best = ledger.ranked()[:CURVES]
    return [
        {"trial": t.number, "label": t.proposal.label, "points": points}
        for t in best
        if (points := _curve(ledger, t))
    ]


def _curve(ledger: Study, trial: FinishedTrial) -> list[tuple[int, float]]:
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
