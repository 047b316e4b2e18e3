"""Rows of a ledger that were edited by hand or damaged: one line, and no traceback."""

import sqlite3
from contextlib import closing

import pytest

from agent.study.errors import UnreadableFileError
from agent.study.ledger import Ledger
from agent.study.stages import costs_of
from agent.study.study import Study
from agent.verdict.comparison_keys import PREFIX, ComparisonKeys
from helpers import Call
from helpers.studies import SETTINGS
from synthetic import add_trials

STUDY = "UPDATE study_user_attributes SET value_json = ? WHERE key = ?"
NAMED = r"ledger is damaged: (study mine|trial 1) is not"
TRIAL = "UPDATE trial_user_attributes SET value_json = ? WHERE key = ? AND trial_id = 2"
ROWS = [
    *((STUDY, name) for name in ("version", "settings", "overrides", "stage", "costs")),
    *((TRIAL, name) for name in ("proposal", "outcome")),
]


def edit(statement: str, *values: str) -> None:
    with closing(sqlite3.connect("runs/ledger.db")) as connection, connection:
        assert connection.execute(statement, values).rowcount


@pytest.fixture
def mine(ledger: Ledger) -> Ledger:
    """A ledger with the study `mine`, whose first three trials have ended."""
    study = ledger.create("mine", SETTINGS)
    study.override(ablation=False)
    study.note("costs", {"search": {"wall_s": 1.0}})
    study.note("stage", "search")
    add_trials(ledger, study, 3)
    return ledger


@pytest.mark.parametrize(("statement", "key"), ROWS, ids=[key for _, key in ROWS])
def test_an_edited_row_is_named(mine: Ledger, statement: str, key: str) -> None:
    for value in ("", "garbage", "[1]", "3"):
        edit(statement, value, key)
        with pytest.raises(UnreadableFileError, match=NAMED):
            read(mine.open("mine"))


def test_an_edited_row_is_named_where_optuna_reads_it(mine: Ledger) -> None:
    edit(TRIAL, "garbage", "outcome")
    with pytest.raises(UnreadableFileError, match="is damaged: a trial is not"):
        mine.open("mine").optuna.get_trials()


def read(study: Study) -> object:
    return study.overrides, study.stage, costs_of(study), study.counts(), study.finished()


def test_an_edited_value_is_one_line(mine: Ledger, call: Call) -> None:
    edit("UPDATE trial_values SET value = 'much' WHERE trial_id = 2")
    status, _, error = call("report", "mine")
    assert (status, error.count("\n")) == (2, 1)
    assert "the ledger is damaged: a trial is not as this program writes it; restore" in error


def test_an_edited_key_is_named(mine: Ledger) -> None:
    study = mine.open("mine")
    study.note(f"{PREFIX}a/b", {"challenger": "a"})
    keys = ComparisonKeys(study)
    for used in (keys.drawn, lambda: keys.key("a", "b")):
        with pytest.raises(UnreadableFileError, match="is damaged: study mine is not"):
            used()
