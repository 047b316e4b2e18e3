"""How many trials of a study ended how, and the best of them, without reading each."""

import json
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, String, and_, case, cast, func, select

from agent.study.damaged_rows import reading
from agent.study.records import Ending, FinishedTrial
from agent.study.trial_table import ATTRIBUTES, OUTCOME, TRIALS, VALUES, found

FROM_BEST = (
    case({"INF_NEG": 0, "FINITE": 1}, value=cast(VALUES.c.value_type, String), else_=2),
    VALUES.c.value,
    TRIALS.c.number,
)
STATE = cast(TRIALS.c.state, String)
"""A server has a type of its own for it."""
COMPLETE, OTHERS = "COMPLETE", ("PRUNED", "FAIL")
"""States of Optuna's: of trials with a value, and of those that ended without one."""


@dataclass(frozen=True)
class Counts:
    """Of finished trials, without duplicates."""

    complete: int
    pruned: int
    """Stopped by the ladder."""
    failed: int
    """Ended without a value, and not stopped by the ladder."""
    best: FinishedTrial | None
    """The complete trial with the lowest value; the earliest of equals."""

    @property
    def finished(self) -> int:
        return self.complete + self.pruned + self.failed


def counts(engine: Engine, study: int) -> Counts:
    """Of the study with this id."""
    complete = and_(TRIALS.c.study_id == study, STATE == COMPLETE)
    with engine.connect() as connection:
        states = _states(connection, study)
        whole = connection.scalar(select(func.count()).where(complete)) or 0
        best = _best(connection, complete) if whole else None
    del states[Ending.DUPLICATE]
    pruned = states.pop(Ending.PRUNED, 0)
    return Counts(whole, pruned, states.total(), best)


def _states(connection: Connection, study: int) -> Counter[str]:
    """Of the outcomes of trials without a value, as this program has them."""
    outcomes = (
        select(ATTRIBUTES.c.value_json)
        .join(TRIALS, TRIALS.c.trial_id == ATTRIBUTES.c.trial_id)
        .where(TRIALS.c.study_id == study, STATE.in_(OTHERS))
        .where(ATTRIBUTES.c.key == OUTCOME)
    )
    with reading("a trial"):
        return Counter(json.loads(kept)["state"] for kept in connection.scalars(outcomes))


def _best(connection: Connection, complete: ColumnElement[bool]) -> FinishedTrial:
    chosen = (
        select(TRIALS.c.trial_id)
        .join(VALUES, VALUES.c.trial_id == TRIALS.c.trial_id)
        .where(complete)
        .order_by(*FROM_BEST)
        .limit(1)
    )
    ((_, trial),) = found(connection, TRIALS.c.trial_id.in_(chosen))
    assert isinstance(trial, FinishedTrial)
    return trial
