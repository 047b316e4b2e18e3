"""A track's file that has changed since a study began."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.study.ledger import Ledger
from agent.study.records import Origin
from agent.study.workspace import Workspace
from agent.verdict.baselines import tuned_baselines
from agent.verdict.chaos_record import Chaos, Result, keep, measured
from helpers import Call, sources
from helpers.made_up import add_trial
from helpers.own_track import place_waves
from helpers.studies import SETTINGS
from tracks import registry, track_file

BEGUN = replace(
    SETTINGS, track="waves", objective="final", scale="full", track_file="waves.py",
    track_digest="another",
)  # fmt: skip
CHANGED = "waves.py, or a file that it names, has changed since study"


@pytest.fixture(autouse=True)
def _own_track(workspace_folder: Path) -> None:
    place_waves(workspace_folder)
    (workspace_folder / "plain.py").write_text(sources.GRADIENT_DESCENT)


@pytest.mark.processes
def test_no_trial_is_added_to_its_study(call: Call, workspace_folder: Path) -> None:
    ledger = Ledger(Workspace(workspace_folder))
    ledger.create("own", BEGUN)
    ledger.create("baseline-waves-adamw", replace(BEGUN, tuned="adamw"))
    words = ("propose", "--study", "own", "--file", "plain.py", "--hypothesis", "it converges")
    status, _, said = call(*words)
    assert status == 2
    assert f"{CHANGED} own began" in said
    assert "start a new study with --study" in said
    words = ("baseline", "--track", "waves.py", "--family", "adamw", "--budget", "1")
    status, _, said = call(*words)
    assert status == 2
    assert f"{CHANGED} baseline-waves-adamw began" in said
    assert "begin another with --seed, such as --seed 1" in said
    assert not any(study.every_trial() for study in ledger.all())


def test_its_study_counts_for_no_ideas(call: Call, workspace_folder: Path) -> None:
    (now,) = track_file.load(workspace_folder / "waves.py")
    assert now.source is not None
    ledger = Ledger(Workspace(workspace_folder))
    ledger.create("before", BEGUN)
    ledger.create("since", replace(BEGUN, track_digest=now.source.digest))
    _, said, _ = call("ideas", "--track", "waves.py", "--json")
    assert json.loads(said)["studies"] == ["since"]
    assert json.loads(said)["left_out"] == ["before"]
    _, said, _ = call("ideas", "--track", "waves.py")
    assert "Left out, as the track's file was another when they began: before." in said


def test_its_baseline_meets_no_winner(workspace_folder: Path) -> None:
    ledger = Ledger(Workspace(workspace_folder))
    baseline = ledger.create("tuned", replace(BEGUN, budget=1, tuned="adamw"))
    number = add_trial(baseline, None, 9, origin=Origin.TUNED)
    folder = baseline.trial_folder(number)
    folder.mkdir(parents=True)
    (folder / "submission.py").write_text(sources.GRADIENT_DESCENT)
    asked = replace(BEGUN, budget=1)
    assert [one.study for one in tuned_baselines(ledger, asked)] == ["tuned"]
    assert not tuned_baselines(ledger, replace(asked, track_digest="since"))


@pytest.mark.parametrize("verb", [("report", "own"), ("context", "--study", "own")])
def test_what_reads_its_study_says_so(
    call: Call, workspace_folder: Path, verb: tuple[str, ...]
) -> None:
    Ledger(Workspace(workspace_folder)).create("own", BEGUN)
    status, said, _ = call(*verb)
    assert status == 0
    assert "The file of track waves has changed since this study began" in " ".join(said.split())


def test_a_program_that_reads_its_report_finds_it(call: Call, workspace_folder: Path) -> None:
    Ledger(Workspace(workspace_folder)).create("own", BEGUN)
    assert json.loads(call("report", "own", "--json")[1])["track_file_changed"] is True


@pytest.mark.parametrize("verb", [("report", "own"), ("context", "--study", "own")])
@pytest.mark.parametrize(
    ("had", "what"), [({"scale": "gone"}, "scale gone"), ({"objective": "steps"}, "target")]
)
def test_a_study_of_what_the_track_no_longer_has_is_one_line(
    call: Call, workspace_folder: Path, verb: tuple[str, ...], had: dict[str, Any], what: str
) -> None:
    Ledger(Workspace(workspace_folder)).create("own", replace(BEGUN, **had))
    status, _, said = call(*verb)
    assert status == 2
    assert f"waves.py: study own was run with a {what}, which the track has no longer" in said


@pytest.mark.processes
def test_a_result_of_before_is_left_out_of_the_leaderboard(
    call: Call, workspace_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, task = workspace_folder / "submissions" / "mine", ("--track", "waves.py")
    mine.mkdir(parents=True)
    (mine / "submission.py").write_text(sources.GRADIENT_DESCENT)
    words = ("eval", *task, "--scale", "small", "--submission", "plain.py")
    status, _, said = call(*words, "--results-json", str(mine / "result.json"))
    assert status == 0, said
    ranked = ("leaderboard", *task, "--scale", "small")
    content = json.loads(call(*ranked, "--json")[1])
    assert [one["submission"] for one in content["entries"]] == ["mine"]
    assert content["outdated"] == []
    file = workspace_folder / "waves.py"
    file.write_text(file.read_text() + "OTHER = 1\n")
    monkeypatch.setattr(registry, "_loaded", {})
    content = json.loads(call(*ranked, "--json")[1])
    assert content["entries"] == []
    assert content["outdated"] == ["mine"]
    assert (
        "mine is left out: its result is of another version of the track's file" in call(*ranked)[1]
    )


def test_an_interval_of_before_does_not_count(workspace_folder: Path) -> None:
    registry.add_file(workspace_folder / "waves.py")
    workspace, now = Workspace(workspace_folder), registry.file_digest("waves")
    found = Chaos(
        "mine", "digest", "waves", "full", 20, (Result(1.0, None),), "a processor", "2.0", "2026"
    )
    keep(workspace, replace(found, track_digest="another"))
    assert not measured(workspace, "waves")
    keep(workspace, replace(found, track_digest=now))
    assert list(measured(workspace, "waves")) == [found.key]
