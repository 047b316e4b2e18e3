"""Records of a study: stored and read back equal, in every state that a trial has."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from agent.study.ledger import Ledger
from agent.study.locks import HeldError, is_held, take
from agent.study.records import (
    Call,
    Composition,
    Ending,
    FinishedTrial,
    Hypothesis,
    Origin,
    Outcome,
    ProposalRecord,
    Queued,
    Record,
    Status,
)
from agent.study.workspace import Workspace
from helpers.studies import SETTINGS
from search_space.recipes import RECIPES
from tracks.evaluation import State

WHY = Hypothesis("rows rest", "20 steps", "high", (3, 4))
RECORDS: list[Record] = [
    Outcome(state=State.COMPLETE, score=801.0, final=0.5, steps_to_target=None, rungs={"a": 1.0}),
    Outcome(state=Ending.PRUNED, reason="not promising", duration_s=1.5, scale="tiny"),
    ProposalRecord(origin=Origin.LLM, label="x", digest="d", spec=None, hypothesis=WHY),
    ProposalRecord(origin=Origin.RECIPE, label="x", digest="d", spec=RECIPES["muon"].to_json()),
    Queued(
        origin=Origin.COMPOSED,
        label="x",
        composition=Composition(
            name="Lion", source="s", claimed_gain="", bucket="low", part="direction lion",
            evidence="e", base=None,
        ),
        hypothesis=WHY,
    ),
    Call(state="sent", model="m", at="2026-01-02", usd=0.5, prices="2026-01-01"),
]  # fmt: skip


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_records_survive_json(record: Record) -> None:
    kept = json.loads(json.dumps(record.to_json()))
    again = type(record).model_validate(kept)
    assert again == record
    assert again.to_json() == kept, "what was not set stays absent"
    with pytest.raises(ValidationError):
        record.state = "x"  # type: ignore[attr-defined]


def test_an_outcome_in_one_line() -> None:
    missed = Outcome(state=State.COMPLETE, score=801.0, final=0.25, steps_to_target=None)
    assert str(missed) == "target missed, final 0.25"
    reached = missed.model_copy(update={"steps_to_target": 80})
    assert str(reached) == "target at step 80, final 0.25"
    assert str(missed.model_copy(update={"has_target": False})) == "final 0.25"
    assert str(Outcome(state=State.CRASH, reason="gone")) == "crash: gone"
    assert "steps_to_target" in missed.to_json(), "a missed target is said"
    assert "score" not in Outcome(state=State.CRASH).to_json()


def test_a_trial_is_read_at_every_stage_of_its_life(ledger: Ledger) -> None:
    study = ledger.create("life", SETTINGS)
    study.enqueue({"x": 1.0}, Queued(origin=Origin.FILE, label="mine", digest="d"))
    (waiting,) = study.open_trials(Status.WAITING)
    assert waiting.queued
    assert waiting.queued.label == "mine"
    asked, new = study.ask(), study.new_trial()
    assert (asked.number, new.number) == (0, 1)
    assert asked.optuna.suggest_float("x", 0.0, 2.0) == 1.0
    assert new.optuna.params == {}
    new.keep_source(Origin.LLM)
    new.keep_calls([Call(state="sent", model="m", at="", usd=0.5, prices="")])
    # another process goes on with it
    study = Ledger(Workspace(Path.cwd())).open("life")
    again = study.resumed_trial(1)
    again.optuna.suggest_float("y", 0.0, 1.0)
    again.count_beginning()
    assert (again.record().source, again.record().beginnings) == (Origin.LLM, 1)
    assert [call.usd for call in study.open_trials(Status.RUNNING)[1].calls] == [0.5]
    for trial, outcome, value in (
        (study.resumed_trial(0), Outcome(state=State.COMPLETE, score=3.0, final=1.0), 3.5),
        (again, Outcome(state=Ending.DUPLICATE, reason="same as trial 0"), None),
    ):
        trial.keep_proposal(ProposalRecord(origin=Origin.FILE, label="", digest="d", spec=None))
        trial.end(outcome, value)
    (finished,) = study.finished()
    assert isinstance(finished, FinishedTrial)
    assert (finished.value, finished.complete, finished.outcome.score) == (3.5, True, 3.0)
    assert isinstance(finished.ended, datetime)
    assert [trial.duplicate for trial in study.every_trial()] == [False, True]
    assert study.best() == finished == study.trial_of("d")


def test_only_complete_trials_have_a_value(ledger: Ledger) -> None:
    study = ledger.create("values", SETTINGS)
    pruned, diverged = study.ask(), study.ask()
    for trial in (pruned, diverged):
        trial.keep_proposal(ProposalRecord(origin=Origin.SAMPLED, label="", digest="", spec=None))
    assert pruned.passes(0, 7.0)
    pruned.end(Outcome(state=Ending.PRUNED))
    diverged.end(Outcome(state=State.DIVERGED), ranked_last=True)
    assert [trial.value for trial in study.finished()] == [None, None]
    assert [trial.number for trial in study.pruned()] == [0]
    assert [trial.number for trial in study.failed()] == [1]
    assert study.ranked() == []


def test_a_lock_names_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_held(path)
    with take(path):
        assert is_held(path)
        with pytest.raises(HeldError, match=r"held by process \d+"):
            take(path)
    assert not is_held(path)
