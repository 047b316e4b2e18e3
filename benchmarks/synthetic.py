"""Finished trials of random specs, written into a study at once; nothing is measured."""

import json
from datetime import UTC, datetime

import numpy as np
from optuna.distributions import distribution_to_json
from sqlalchemy import Connection, MetaData, insert, select

from agent.study.ledger import Ledger
from agent.study.records import Outcome, ProposalRecord
from agent.study.study import Study
from search_space.mutate import Drawn
from search_space.sample import record
from search_space.spec import Spec
from search_space.walk import walk
from tracks.evaluation import State
from tracks.registry import get_track

WRITTEN = 500
"""Trials at once."""


def add_trials(ledger: Ledger, study: Study, count: int, seed: int = 0) -> None:
    """Add `count` complete trials with values between 1 and 2 to a study without any."""
    structure = get_track(study.settings.track).structure
    draw = np.random.default_rng(seed)
    with ledger.engine.begin() as connection:
        tables = _Tables(connection, study.name)
        for first in range(0, count, WRITTEN):
            numbers = range(first, min(first + WRITTEN, count))
            specs = [walk(Drawn(draw), structure) for _ in numbers]
            tables.write(list(numbers), specs, study.settings.scale, structure)


class _Tables:
    def __init__(self, connection: Connection, study: str) -> None:
        self._connection, metadata = connection, MetaData()
        metadata.reflect(connection)
        self._tables = metadata.tables
        studies = self._tables["studies"].columns
        found = select(studies["study_id"]).where(studies["study_name"] == study)
        self._study = connection.scalars(found).one()

    def write(self, numbers: list[int], specs: list[Spec], scale: str, structure: str) -> None:
        trials = self._tables["trials"]
        now = datetime.now(UTC).replace(tzinfo=None)
        about = {"study_id": self._study, "state": "COMPLETE"}
        about |= {"datetime_start": now, "datetime_complete": now}
        self._insert("trials", [{"number": number, **about} for number in numbers])
        mine = select(trials.c.trial_id).where(trials.c.study_id == self._study)
        mine = mine.where(trials.c.number >= numbers[0]).order_by(trials.c.number)
        ids = self._connection.scalars(mine).all()
        rows: dict[str, list[dict[str, object]]] = {
            name: [] for name in ("trial_params", "trial_values", "trial_user_attributes")
        }
        for trial, number, spec in zip(ids, numbers, specs, strict=True):
            decided = record(spec, structure)  # type: ignore[arg-type]
            rows["trial_params"] += [
                {
                    "trial_id": trial,
                    "param_name": name,
                    "param_value": drawn_from.to_internal_repr(decided.params[name]),
                    "distribution_json": distribution_to_json(drawn_from),
                }
                for name, drawn_from in decided.distributions.items()
            ]
            value = 1 + (number * 7919 % 10007) / 10007
            kept = {"trial_id": trial, "objective": 0, "value": value, "value_type": "FINITE"}
            rows["trial_values"].append(kept)
            rows["trial_user_attributes"] += [
                {"trial_id": trial, "key": key, "value_json": json.dumps(content)}
                for key, content in _attributes(number, spec, scale, value).items()
            ]
        for name, written in rows.items():
            self._insert(name, written)

    def _insert(self, table: str, rows: list[dict[str, object]]) -> None:
        self._connection.execute(insert(self._tables[table]), rows)


def _attributes(number: int, spec: Spec, scale: str, value: float) -> dict[str, object]:
    """What a process keeps with a sampled trial from its beginning to its end."""
    proposal = ProposalRecord(
        origin="sampled", label=spec.label, digest=f"{number:064x}", spec=spec.to_json()
    )
    outcome = Outcome(
        state=State.COMPLETE, reason="", duration_s=1.0, sandbox="full", score=value,
        final=value, steps_to_target=100, at_target=True, scale=scale, rungs={},
    )  # fmt: skip
    return {"beginnings": 1, "proposal": proposal.to_json(), "outcome": outcome.to_json()}
