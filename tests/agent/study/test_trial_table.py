"""The trials of a study as a table: what a trial costs does not grow with those before it."""

from pathlib import Path

import pytest

from agent.study.ledger import Ledger
from agent.study.records import Status
from agent.study.workspace import Workspace
from helpers.studies import SETTINGS
from ledger import a_trial
from synthetic import add_trials


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
    assert [trial.number for trial in study.trials(Status.RUNNING)] == [20, 21]
    for trial in (sooner, later):
        trial.keep_proposal(trials[0].proposal)
        trial.end(trials[0].outcome, trials[0].value)
    assert [trial.number for trial in study.finished()] == list(range(22))
    same = [trial.number for trial in study.ranked() if trial.value == trials[0].value]
    assert same == sorted(same)
    assert study.trial_of(trials[0].proposal.digest, but=0).number == 20
