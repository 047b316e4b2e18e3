"""The trials of a study as a table: what a trial costs does not grow with those before it."""

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.study.ledger import Ledger
from agent.study.records import Ending, Outcome, Status
from agent.study.workspace import Workspace
from helpers import ROOT
from helpers.studies import SETTINGS
from ledger import a_trial
from synthetic import add_trials
from tracks.evaluation import State


def test_the_queries_of_a_trial_do_not_grow_with_the_number_of_trials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for counted in ("ledger.FIRST", "ledger.ASKED"):
        monkeypatch.setattr(counted, 1)
    few, many = (
        a_trial(Workspace(tmp_path / str(trials)), trials, "random")[0].queries
        for trials in (10, 300)
    )
    assert few == many
    assert few < 200


def test_a_study_is_read_in_the_same_order_however_its_trials_ended(tmp_path: Path) -> None:
    ledger = Ledger(Workspace(tmp_path))
    study = ledger.create("many", SETTINGS)
    add_trials(ledger, study, 20)
    trials = study.finished()
    assert [trial.number for trial in trials] == list(range(20))
    assert study.ranked() == sorted(trials, key=lambda trial: (trial.value, trial.number))
    assert study.best() == study.ranked()[0]
    assert study.trial_of(trials[7].proposal.digest) == trials[7]
    assert study.trial_of(trials[7].proposal.digest, but=7) is None
    later, sooner = study.new_trial(), study.new_trial()
    assert [trial.number for trial in study.open_trials(Status.RUNNING)] == [20, 21]
    for trial in (sooner, later):
        trial.keep_proposal(trials[0].proposal)
        trial.end(trials[0].outcome, trials[0].value)
    assert [trial.number for trial in study.finished()] == list(range(22))
    same = [trial.number for trial in study.ranked() if trial.value == trials[0].value]
    assert same == sorted(same)
    assert study.trial_of(trials[0].proposal.digest, but=0).number == 20


def test_trials_are_counted_without_being_read(tmp_path: Path) -> None:
    ledger = Ledger(Workspace(tmp_path))
    study = ledger.create("many", SETTINGS)
    assert (study.counts().finished, study.counts().best) == (0, None)
    add_trials(ledger, study, 5)
    some = study.finished()[0]
    for state, value, last in (
        (State.COMPLETE, -math.inf, False),
        (State.COMPLETE, -math.inf, False),
        (State.COMPLETE, math.inf, False),
        (Ending.PRUNED, None, False),
        (Ending.DUPLICATE, None, False),
        (State.DIVERGED, None, True),
        (State.CRASH, None, False),
    ):
        trial = study.new_trial()
        trial.keep_proposal(some.proposal)
        trial.end(Outcome(state=state), value, ranked_last=last)
    study.new_trial()
    counts = study.counts()
    assert counts.finished == len(study.finished()) == 11
    assert counts.complete == len(study.ranked()) == 8
    assert (counts.pruned, counts.failed) == (len(study.pruned()), len(study.failed())) == (1, 2)
    assert counts.best == study.best()
    assert counts.best
    assert counts.best.number == 5


@pytest.mark.processes
def test_what_only_reads_does_not_load_optuna(tmp_path: Path) -> None:
    ledger = Ledger(Workspace(tmp_path))
    add_trials(ledger, ledger.create("many", SETTINGS), 3)
    code = """
import sys
from agent.cli.main import main
for verb in (["status"], ["leaderboard"], ["report", "many"]):
    assert main(verb) == 0
print({"optuna", "alembic", "sqlalchemy.orm", "torch", "numpy", "scipy"} & sys.modules.keys())
"""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "set()", done.stderr
