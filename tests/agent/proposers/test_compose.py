"""Ideas of a survey join the best trial one by one, the most promising first."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from agent.knowledge.stacking import stacked
from agent.knowledge.techniques import Technique, Techniques, in_order
from agent.proposers.compose import SHARE, enqueue_composition, joined
from agent.report.data import Report
from agent.report.markdown import study_report
from agent.search.loop import search
from agent.search.sources import Sources
from agent.study.ledger import Ledger
from agent.study.local_executor import LocalExecutor
from agent.study.proposal import Proposal
from agent.study.records import Bucket, Origin, Outcome
from agent.study.study import Study
from agent.study.workspace import Workspace
from helpers import Call
from helpers.studies import SETTINGS
from helpers.views import Recorder
from search_space.recipes import RECIPES
from search_space.registry import get_kind
from search_space.render import render
from search_space.sample import trial_params
from search_space.spec import make_spec
from tracks.evaluation import State
from tracks.isolation.launcher import Launcher
from tracks.submission import Submission

FAST = RECIPES["adamw_fast"]


def idea(part: str | None, bucket: Bucket) -> Technique:
    return Technique(part or "a new one", "somewhere", "9 steps", bucket, part, "it says so")


IDEAS = in_order(
    [
        idea("schedule wsd", "low"),
        idea("mask cautious", "medium"),
        idea("coordinates rows", "high"),
        idea(None, "high"),
        idea("coordinates product", "high"),  # for attention alone
    ]
)


@pytest.fixture
def study(workspace_folder: Path) -> Study:
    settings = replace(SETTINGS, budget=8, recipes=False, ladder=())
    return Ledger(Workspace(workspace_folder)).create("composing", settings)


def test_a_part_is_joined_in_every_phase_or_not_at_all() -> None:
    spec = joined(RECIPES["cm_product_space"], "mask cautious")
    assert spec is not None
    assert [phase["mask"].part for phase in spec.phases] == ["cautious", "cautious"]
    once = joined(FAST, "averaging lawa")
    assert once is not None
    assert once.run["averaging"].part == "lawa"
    assert joined(spec, "mask cautious") is None
    # psgd_kron is not for rows
    assert joined(RECIPES["row_adam"], "direction psgd_kron") is None


def test_a_direction_comes_with_step_sizes_that_suit_it() -> None:
    changed = 0
    for part in get_kind("direction").parts:
        spec = joined(make_spec({"schedule": {"lr": 50.0}}), f"direction {part.name}")
        if spec is not None:
            low, high = part.step_sizes
            rate = spec.phases[0]["schedule"]["lr"]
            assert low <= rate <= high
            changed += rate != 50.0
    assert changed


def test_a_schedule_keeps_the_step_size() -> None:
    tuned = make_spec({"schedule": {"part": "constant", "lr": 0.3}})
    spec = joined(tuned, "schedule cosine")
    assert spec is not None
    assert (spec.phases[0]["schedule"].part, spec.phases[0]["schedule"]["lr"]) == ("cosine", 0.3)


def test_what_has_a_number_outside_its_range_is_no_base(study: Study) -> None:
    """As a file of a person may have it: then nothing is composed, and nothing stops."""
    choices = {"direction": {"part": "adam"}, "schedule": {"part": "cosine", "lr": 3e-5}}
    spec = make_spec(choices)
    trial = study.new_trial()
    record = Proposal(Submission(render(spec, 80)), Origin.FILE, "mine", spec).record()
    trial.keep_proposal(record)
    trial.end(Outcome(state=State.COMPLETE, score=9.0), 9.0)
    assert not enqueue_composition(study, [idea("mask cautious", "high")], "tables")


def test_high_before_medium_before_low_each_onto_the_best_so_far(
    launcher: Launcher, study: Study
) -> None:
    study.enqueue(trial_params(FAST, "tables"))
    executor = LocalExecutor(launcher, 1, study.store)
    search(study, executor, Recorder(), None, Sources("optuna", (), IDEAS))
    rows = stacked(study)
    assert [row.part for row in rows] == ["coordinates rows", "mask cautious", "schedule wsd"]
    values = {trial.number: trial.value for trial in study.ranked()}
    for row in rows:
        better = [n for n, value in values.items() if n < row.trial]
        assert row.base == min(better, key=lambda n: (values[n], n))
        assert row.stacks == (values[row.trial] < values[row.base])
    assert len(study.finished()) == 8
    composed = study.finished()[1].proposal
    assert composed.origin == "composed"
    assert composed.hypothesis
    assert composed.hypothesis.parents == (0,)
    assert composed.hypothesis.bucket == "high"
    report = study_report(Report(study))
    assert "### Composed techniques" in report
    assert "| high | coordinates rows | somewhere | trial 0 |" in report


def test_they_take_no_more_than_their_share(study: Study) -> None:
    many = [idea(f"schedule {name}", "high") for name in ("cosine", "linear", "wsd", "power_law")]
    many += [idea("mask cautious", "low"), idea("momentum nesterov", "low")]
    queued = [enqueue_composition(study, many, "tables") for _ in many]
    assert queued.count(True) == SHARE * study.settings.budget


def test_without_parts_nothing_is_composed(launcher: Launcher, study: Study) -> None:
    assert not enqueue_composition(study, [idea(None, "high")], "tables")
    study.set_budget(2)
    search(study, LocalExecutor(launcher, 1, study.store), Recorder(), None, Sources("optuna"))
    assert stacked(study) == []


@pytest.mark.processes
def test_a_study_composes_what_a_survey_found(call: Call, workspace_folder: Path) -> None:
    outside = workspace_folder / "contest" / "submissions" / "lazy"
    outside.mkdir(parents=True)
    (outside / "submission.py").write_text("class Submission(torch.optim.Optimizer): pass\n")
    (outside / "README.md").write_text("Cautious AdamW, 80 steps.\n")
    assert call("survey", "contest")[0] == 0
    assert "mask cautious" in [one.part for one in Techniques(Path("runs")).all()]
    words = ["--track", "mqar", "--scale", "small", "--budget", "4", "--study", "s"]
    plain = ["--no-recipes", "--no-ladder", "--no-commit", "--no-ablation"]
    assert call("run", *words, *plain)[0] == 0
    origins = [t.proposal.origin for t in _study("s").finished()]
    assert "composed" in origins
    assert call("run", *words[:-1], "none", *plain, "--no-compose")[0] == 0
    origins = [t.proposal.origin for t in _study("none").finished()]
    assert origins == ["sampled"] * 4
    _, told, _ = call("context", "--study", "s")
    assert "## Surveyed techniques" in told
    _, shown, _ = call("ideas", "--track", "mqar", "--scale", "small", "--json")
    (row,) = [row for row in json.loads(shown)["elsewhere"] if row["part"] == "mask cautious"]
    assert row["composed"] in (0, 1)
    _, shown, _ = call("ideas", "--track", "mqar", "--scale", "small")
    assert "Surveyed techniques" in shown


def _study(name: str) -> Study:
    return Ledger(Workspace(Path.cwd())).open(name)


def test_a_spec_of_defaults_is_where_nothing_is_known_yet(study: Study) -> None:
    assert enqueue_composition(study, [idea("mask cautious", "high")], "tables")
    (waiting,) = study.every_trial()
    assert waiting.queued
    assert waiting.queued.composition
    assert waiting.queued.composition.base is None
    assert joined(make_spec({}), "mask cautious") is not None
