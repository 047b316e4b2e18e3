"""The trials of a study, read from the tables of Optuna's storage without their parameters."""

import json
import math
import threading
from bisect import insort
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Engine,
    Float,
    Integer,
    Select,
    String,
    and_,
    column,
    or_,
    select,
    table,
)

from agent.study.damaged_rows import reading
from agent.study.records import (
    Call,
    FinishedTrial,
    Origin,
    Outcome,
    ProposalRecord,
    Queued,
    Status,
    Trial,
)

TRIALS = table(
    "trials",
    *(column(name, Integer) for name in ("trial_id", "study_id", "number")),
    column("state", String),
    *(column(name, DateTime) for name in ("datetime_start", "datetime_complete")),
)
ATTRIBUTES = table(
    "trial_user_attributes", column("trial_id", Integer), column("key"), column("value_json")
)
VALUES = table(
    "trial_values",
    column("trial_id", Integer),
    column("objective", Integer),
    column("value", Float),
    column("value_type"),
)
REPORTED = table(
    "trial_intermediate_values",
    *(column("trial_id", Integer), column("step", Integer)),
    *(column("intermediate_value", Float), column("intermediate_value_type")),
)
REFINES = "refines"
"""Attribute of a trial that only moves numbers of a complete one."""
OUTCOME = "outcome"
"""Attribute of a trial that has ended: how."""
Kept = dict[str, Any]
"""What is kept with a trial, by its key."""
STATUS = {"WAITING": Status.WAITING, "RUNNING": Status.RUNNING}
INFINITE = {"INF_POS": math.inf, "INF_NEG": -math.inf}


class TrialTable:
    """What the storage has of a study's trials; those that have ended are read once.

    `read` makes three queries, and takes as long as there are trials that are new or not finished.
    """

    def __init__(self, engine: Engine, study: int) -> None:
        self._engine, self._study = engine, study
        self._reading = threading.Lock()
        self._last = -1
        """The largest id of a trial that was read."""
        self._ids: dict[int, int] = {}
        """Of trials that are not finished, by number."""
        self.open: list[Trial] = []
        """Those that are not finished, in order."""
        self.ended: list[FinishedTrial] = []
        """In order, with duplicates."""
        self.finished: list[FinishedTrial] = []
        """In order, without duplicates."""
        self.standing: tuple[int, list[Trial]] = (0, [])
        """How many are finished, and `open`, of one moment."""
        self.ranked: list[FinishedTrial] = []
        """The complete ones, the best first and the earliest of equals."""
        self._proposed: dict[str, list[FinishedTrial]] = defaultdict(list)
        """By the digest of the file, without duplicates."""

    def read(self) -> None:
        """Add what is new."""
        with self._reading, reading("a trial"):
            chosen = or_(
                TRIALS.c.trial_id > self._last, TRIALS.c.trial_id.in_(list(self._ids.values()))
            )
            new = self._found(and_(TRIALS.c.study_id == self._study, chosen))
            self._last = max([self._last, *(identifier for identifier, _ in new)])
            self._ids = {
                trial.number: identifier
                for identifier, trial in new
                if not isinstance(trial, FinishedTrial)
            }
            self.open = [trial for _, trial in new if not isinstance(trial, FinishedTrial)]
            for _, trial in new:
                if isinstance(trial, FinishedTrial):
                    self._add(trial)
            self.standing = len(self.finished), self.open

    def one(self, number: int) -> Trial:
        """A trial that is not finished, as it is stored now."""
        ((_, trial),) = self._found(TRIALS.c.trial_id == self._id(number))
        return trial

    def reported(self, number: int) -> set[int]:
        """The rungs that a trial which is not finished has a value for."""
        steps = select(REPORTED.c.step).where(REPORTED.c.trial_id == self._id(number))
        with self._engine.connect() as connection:
            return set(connection.scalars(steps))

    def proposed(self, digest: str) -> list[Trial]:
        """The trials that proposed this file, in order; no duplicates."""
        running = [t for t in self.open if t.proposal and t.proposal.digest == digest]
        return sorted([*self._proposed.get(digest, ()), *running], key=lambda trial: trial.number)

    def _id(self, number: int) -> int:
        if number not in self._ids:
            self.read()
        return self._ids[number]

    def _add(self, trial: FinishedTrial) -> None:
        insort(self.ended, trial, key=_number)
        if trial.duplicate:
            return
        insort(self.finished, trial, key=_number)
        insort(self._proposed[trial.proposal.digest], trial, key=_number)
        if trial.value is not None:
            insort(self.ranked, trial, key=_place)

    def _found(self, chosen: ColumnElement[bool]) -> list[tuple[int, Trial]]:
        with self._engine.connect() as connection:
            return found(connection, chosen)


def found(connection: Connection, chosen: ColumnElement[bool]) -> list[tuple[int, Trial]]:
    """The chosen trials with their ids, in order."""
    rows = connection.execute(select(TRIALS).where(chosen).order_by(TRIALS.c.number)).all()
    # what a trial has is written before its state
    ids = select(TRIALS.c.trial_id).where(chosen)
    kept, values = _attributes(connection, ids), _values(connection, ids)
    trials = []
    for row in rows:
        with reading(f"trial {row.number}"):
            about = {key: json.loads(text) for key, text in kept.get(row.trial_id, {}).items()}
            trials.append((row.trial_id, read_trial(row, about, values.get(row.trial_id))))
    return trials


def read_trial(row: Any, kept: Kept, value: float | None) -> Trial:
    """The record of a trial. Raises ValueError for one that is not as this version writes it."""
    about: Kept = {
        "number": row.number,
        "status": STATUS.get(row.state, Status.FINISHED),
        "calls": tuple(Call(**call) for call in kept.get("calls", ())),
        "beginnings": kept.get("beginnings", 0),
        "refines": kept.get(REFINES, False),
    }
    # older ledgers have the model in its calls alone
    asked = [call.model for call in about["calls"]]
    about["model"] = kept.get("model", asked[-1] if asked else "")
    about |= {"source": Origin(kept["source"])} if "source" in kept else {}
    for name, kind in (("queued", Queued), ("proposal", ProposalRecord), (OUTCOME, Outcome)):
        about |= {name: kind.model_validate(kept[name])} if name in kept else {}
    if row.state in STATUS:
        return Trial(**about)
    # Optuna gives pruned trials the value of their last rung
    about["value"] = value if row.state == "COMPLETE" else None
    about |= {"started": _local(row.datetime_start), "ended": _local(row.datetime_complete)}
    return FinishedTrial(**about)


def _attributes(connection: Connection, ids: Select[tuple[Any]]) -> dict[int, dict[str, str]]:
    kept: dict[int, dict[str, str]] = defaultdict(dict)
    for row in connection.execute(select(ATTRIBUTES).where(ATTRIBUTES.c.trial_id.in_(ids))):
        kept[row.trial_id][row.key] = row.value_json
    return kept


def _values(connection: Connection, ids: Select[tuple[Any]]) -> dict[int, float]:
    chosen = select(VALUES).where(VALUES.c.trial_id.in_(ids), VALUES.c.objective == 0)
    return {
        row.trial_id: INFINITE.get(row.value_type, row.value) for row in connection.execute(chosen)
    }


def _local(stored: datetime | None) -> datetime | None:
    """Optuna stores times of UTC."""
    return stored.replace(tzinfo=UTC).astimezone().replace(tzinfo=None) if stored else None


def _number(trial: Trial) -> int:
    return trial.number


def _place(trial: FinishedTrial) -> tuple[float, int]:
    assert trial.value is not None
    return trial.value, trial.number
