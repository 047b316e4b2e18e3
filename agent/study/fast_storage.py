"""Optuna's storage, with a first reading of a long study that takes less time."""

import json
import math
from collections import defaultdict
from collections.abc import Callable, Container
from functools import cache
from typing import Any

from optuna.distributions import BaseDistribution, json_to_distribution
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import Connection, Float, Integer, Select, TableClause, column, select, table

from agent.study.damaged_rows import reading
from agent.study.trial_table import ATTRIBUTES, INFINITE, REPORTED, TRIALS, VALUES, Kept

PARAMS = table(
    "trial_params",
    *(column("param_id", Integer), column("trial_id", Integer), column("param_name")),
    *(column("param_value", Float), column("distribution_json")),
)
SYSTEM = table(
    "trial_system_attributes", column("trial_id", Integer), column("key"), column("value_json")
)
NUMBERS = INFINITE | {"NAN": math.nan}
distribution = cache(json_to_distribution)
"""The same object for the same text, of which there are few."""


class FastStorage(RDBStorage):
    """Reads all trials of a study from a few queries over whole tables.

    Optuna's makes an object for each of their rows, and a distribution for each parameter.
    """

    # an Optuna that has no such method any more reads by itself
    def _get_trials(
        self,
        study_id: int,
        states: Container[TrialState] | None,
        included_trial_ids: set[int],
        trial_id_greater_than: int,
    ) -> list[FrozenTrial]:
        if states is not None or trial_id_greater_than >= 0:
            return super()._get_trials(study_id, states, included_trial_ids, trial_id_greater_than)
        mine = select(TRIALS.c.trial_id).where(TRIALS.c.study_id == study_id)
        with reading("a trial"), self.engine.connect() as connection:
            return _all(connection, study_id, mine)


def _all(connection: Connection, study: int, ids: Select[tuple[int]]) -> list[FrozenTrial]:
    # what a trial has is written before its state, so the states are read first
    trials = connection.execute(
        select(TRIALS).where(TRIALS.c.study_id == study).order_by(TRIALS.c.trial_id)
    ).all()
    kept, system = (_by_trial(connection, rows, ids, _attribute) for rows in (ATTRIBUTES, SYSTEM))
    values = _by_trial(connection, VALUES, ids, _value)
    reported = _by_trial(connection, REPORTED, ids, _reported)
    params, distributions = _params(connection, ids)
    return [
        FrozenTrial(
            number=row.number,
            state=TrialState[row.state],
            value=None,
            values=[values[row.trial_id][0]] if row.trial_id in values else None,
            datetime_start=row.datetime_start,
            datetime_complete=row.datetime_complete,
            params=params.get(row.trial_id, {}),
            distributions=distributions.get(row.trial_id, {}),
            user_attrs=kept.get(row.trial_id, {}),
            system_attrs=system.get(row.trial_id, {}),
            intermediate_values=reported.get(row.trial_id, {}),
            trial_id=row.trial_id,
        )
        for row in trials
    ]


def _by_trial(
    connection: Connection,
    rows_of: TableClause,
    ids: Select[tuple[int]],
    pair: Callable[[Any], tuple[Any, Any]],
) -> dict[int, dict[Any, Any]]:
    found: dict[int, dict[Any, Any]] = defaultdict(dict)
    for row in connection.execute(select(rows_of).where(rows_of.c.trial_id.in_(ids))):
        name, value = pair(row)
        found[row.trial_id][name] = value
    return found


def _attribute(row: Any) -> tuple[str, Any]:
    return row.key, json.loads(row.value_json)


def _value(row: Any) -> tuple[int, float]:
    return row.objective, INFINITE.get(row.value_type, row.value)


def _reported(row: Any) -> tuple[int, float]:
    return row.step, NUMBERS.get(row.intermediate_value_type, row.intermediate_value)


def _params(
    connection: Connection, ids: Select[tuple[int]]
) -> tuple[dict[int, Kept], dict[int, dict[str, BaseDistribution]]]:
    params: dict[int, Kept] = defaultdict(dict)
    distributions: dict[int, dict[str, BaseDistribution]] = defaultdict(dict)
    chosen = select(PARAMS).where(PARAMS.c.trial_id.in_(ids)).order_by(PARAMS.c.param_id)
    for _, trial, name, value, text in connection.execute(chosen):
        drawn_from = distribution(text)
        distributions[trial][name] = drawn_from
        params[trial][name] = drawn_from.to_external_repr(value)
    return params, distributions
