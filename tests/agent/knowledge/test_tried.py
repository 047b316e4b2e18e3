"""The ranks and results of trials, as ideas learn from them."""

import pytest

from agent.knowledge.tried import tried_trials
from agent.study.ledger import Ledger
from agent.study.records import Ending, Origin, Outcome, ProposalRecord
from agent.study.study import Study
from helpers.made_up import add_trial, made_up_study
from search_space.recipes import RECIPES
from tracks.evaluation import State

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
