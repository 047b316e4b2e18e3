"""The ranks and results of trials, as ideas learn from them."""

import math
from dataclasses import replace

import pytest

from agent.knowledge.tried import log_loss, tried_trials
from agent.proposers.gates.fingerprint import EVERY_STEP
from agent.study.ledger import Ledger
from agent.study.records import Ending, Origin, Outcome, ProposalRecord
from agent.study.study import Study
from helpers.made_up import add_trial, made_up_study
from helpers.studies import SETTINGS
from search_space.recipes import RECIPES
from tracks.evaluation import Evaluation, State
from tracks.instance import official_instance
from tracks.registry import get_track

SPEC = RECIPES["adamw"]


def add(study: Study, outcome: Outcome, value: float | None = None) -> None:
    trial = study.new_trial()
    trial.keep_source(Origin.SAMPLED, "")
    about = {"label": "it", "digest": str(trial.number), "spec": SPEC.to_json()}
    trial.keep_proposal(ProposalRecord(origin=Origin.SAMPLED, **about))
    trial.end(outcome, value)


def test_missed_targets_rank_by_their_last_result(ledger: Ledger) -> None:
    """As trials do: their score is the same for all, one step more than the run."""
    study = made_up_study(ledger, "missed")
    for loss in (0.5, 0.4, 0.1, 0.1):
        missed = Outcome(state=State.COMPLETE, score=401.0, final=1 - loss)
        add(study, missed, 401.0 + loss / (1 + loss))
    assert [one.trial.number for one in tried_trials(study)] == [2, 3, 1, 0]
    ranks = {one.trial.number: one.rank for one in tried_trials(study)}
    assert ranks == pytest.approx({2: 1 / 6, 3: 1 / 6, 1: 2 / 3, 0: 1.0})


def test_failures_are_the_worst_whenever_they_were_tried(ledger: Ledger) -> None:
    study = made_up_study(ledger, "failed")
    for steps in (None, None, 50, None, 40, None):
        add_trial(study, SPEC, steps)
    add(study, Outcome(state=Ending.PRUNED, rungs={"small": 30.0}))
    ranks = {one.trial.number: one.rank for one in tried_trials(study)}
    assert ranks == {4: 0.0, 2: 1 / 6, 6: 2 / 6, 0: 1.0, 1: 1.0, 3: 1.0, 5: 1.0}


def test_no_wrong_answer_counts_as_half_of_one(ledger: Ledger) -> None:
    """As in the paired test; else one perfect run is 10 decades ahead of any gain."""
    study = ledger.create("last", replace(SETTINGS, objective="final", scale="full"))
    for loss in (0.1, 0.0):
        add(study, Outcome(state=State.COMPLETE, score=loss, final=1 - loss), loss)
    track = get_track("mqar")
    instance = official_instance("mqar")
    evaluation = Evaluation(
        instance, State.COMPLETE, EVERY_STEP, curve=((400, 1.0),),
        eval_samples=track.scales["full"].eval_samples,
    )  # fmt: skip
    best, other = tried_trials(study)
    assert best.result == evaluation.comparable("final")
    assert best.result == pytest.approx(math.log10(0.5 / 8 / evaluation.eval_samples))
    assert other.result == pytest.approx(-1.0)
    assert log_loss(0.0, get_track("random_teacher"), "full") == -12.0
