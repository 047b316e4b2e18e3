"""Tuned baselines: their numbers are searched, their parts are not, and winners meet them."""

import json
from dataclasses import replace
from pathlib import Path

import optuna
import pytest

from agent.judge import Options
from agent.pipeline import run_study
from agent.report.data import Report
from agent.report.html import study_page
from agent.report.markdown import study_report
from agent.study.ledger import Ledger
from agent.study.local_executor import LocalExecutor
from agent.study.workspace import Workspace
from agent.verdict.sequential import plan
from helpers import Call
from helpers.studies import SETTINGS, finish, report_of, run
from helpers.views import Recorder
from search_space.baselines import BASELINES
from search_space.part import Structure
from search_space.sample import trial_params, tune_spec
from search_space.walk import can_sample
from tracks.isolation.launcher import Launcher


def parts(spec: object) -> list[str]:
    return [part.name for part in spec.parts()]  # type: ignore[attr-defined]


@pytest.mark.parametrize("structure", ["attention", "tables"])
@pytest.mark.parametrize("name", list(BASELINES))
def test_tuning_changes_numbers_and_no_part(name: str, structure: Structure) -> None:
    known = BASELINES[name]
    assert can_sample(known, structure)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    study.enqueue_trial(trial_params(known, structure))
    specs = [tune_spec(study.ask(), known, structure) for _ in range(5)]
    assert specs[0] == known
    assert len({spec.identifier for spec in specs}) == 5
    assert all(parts(spec) == parts(known) for spec in specs)


def test_a_winner_meets_the_baselines_that_had_as_many_trials(
    launcher: Launcher, workspace_folder: Path
) -> None:
    ledger = Ledger(Workspace(workspace_folder))
    for family, budget in (("adamw", 4), ("muon", 3)):
        tuned = replace(SETTINGS, budget=budget, tuned=family, recipes=False)
        study = ledger.create(f"tuned-{family}", tuned)
        finish(launcher, study)
        origins = {trial.proposal.origin for trial in study.finished()}
        assert origins == {"tuned"}
    settings = replace(SETTINGS, budget=4)
    data, _ = run(launcher, settings, "winner", Options(ablation=False, commit=False))
    row = data["baselines"][0]
    assert [row["family"] for row in data["baselines"]] == ["adamw"], "muon had fewer trials"
    assert (row["study"], row["trials"]) == ("tuned-adamw", 4)
    won_on = {pair["drawn_from"] for pair in data["verdict"]["pairs"]}
    assert not won_on & set(row["instances"]), "a winner is lucky where it won"
    seeds = len(row["scores"])
    assert seeds == len(row["winner"])
    assert seeds == len(row["instances"]) >= 3
    assert row["test"]["mean"] == pytest.approx(sum(row["test"]["differences"]) / seeds)
    assert row["beaten"] == (row["test"]["p"] < 0.01 * dict(plan(settings.seeds))[seeds])
    assert "| adamw | 4 |" in study_report(report_of("winner"))
    assert "their parts are fixed" in study_page(report_of("winner"))
    winner = Path(data["publication"]["files"])
    assert json.loads((winner / "evidence.json").read_text())["baselines"] == data["baselines"]
    # with more trials of its own, the winner has no baseline of the same budget
    study = ledger.open("winner")
    study.set_budget(5)
    executor = LocalExecutor(launcher, 2, study.store)
    more = run_study(
        Workspace(workspace_folder), study, executor, Recorder(), Options(commit=False)
    )
    assert more.baselines.rows == ()


def test_a_report_says_when_no_baseline_was_tuned(
    launcher: Launcher, workspace_folder: Path
) -> None:
    settings = replace(SETTINGS, budget=1)
    run(launcher, settings, "alone", Options(ablation=False, commit=False))
    assert "says nothing of tuned AdamW or Muon" in study_report(report_of("alone"))


@pytest.mark.processes
def test_the_verb_tunes_and_goes_on(call: Call, workspace_folder: Path) -> None:
    words = ["baseline", "--track", "mqar", "--scale", "small"]
    status, out, _ = call(*words, "--budget", "1")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()] == ["adamw", "muon"]
    words += ["--family", "adamw"]
    status, out, _ = call(*words, "--budget", "2")
    assert status == 0
    assert out.startswith("adamw (baseline-mqar-adamw-small, 2 trials): target ")
    status, out, _ = call(*words, "--budget", "3", "--json")
    assert status == 0
    assert json.loads(out)["baselines"][0]["trials"] == 3
    study = Ledger(Workspace(workspace_folder)).open("baseline-mqar-adamw-small")
    assert Report(study).to_json()["verdict"] is None
    assert call(*words[:-1], "sgd")[0] == 2
