"""What researchers are told of the incumbent, where no submission has an official result."""

from dataclasses import replace

import pytest

from agent.knowledge.incumbent import incumbent_score_of
from agent.knowledge.leaderboard import named_submission
from agent.study.ledger import Ledger
from agent.study.records import FinishedTrial, Origin, Outcome, ProposalRecord, Status
from agent.study.study import Study
from agent.study.workspace import Workspace
from helpers.studies import SETTINGS
from search_space.recipes import RECIPES
from tracks.evaluation import State


def trial(number: int, recipe: str, digest: str, score: float) -> FinishedTrial:
    spec = RECIPES[recipe].to_json()
    made = ProposalRecord(origin=Origin.RECIPE, label=recipe, digest=digest, spec=spec)
    outcome = Outcome(state=State.COMPLETE, score=score, final=0.9)
    return FinishedTrial(
        number=number, status=Status.FINISHED, proposal=made, outcome=outcome, value=score
    )


def test_the_baseline_has_the_score_of_its_trial(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = ledger.create("mine", replace(SETTINGS, recipes=True))
    workspace = Workspace(study.folder.parent.parent)
    assert incumbent_score_of(workspace, study) == ("adamw", None)
    ranked = [trial(1, "muon", "a", 20.0), trial(0, "adamw", "b", 30.0)]
    monkeypatch.setattr(Study, "ranked", lambda study: ranked)
    assert incumbent_score_of(workspace, study) == ("adamw", 30.0), "as a recipe"
    ranked[0] = trial(1, "muon", named_submission(workspace, "adamw").digest, 20.0)
    assert incumbent_score_of(workspace, study) == ("adamw", 20.0), "as a file"
    ranked.clear()
    assert incumbent_score_of(workspace, study) == ("adamw", None)
