"""Standings, records and scores: what counts, and what does not."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.judge import Options
from agent.knowledge.adoption import adoption
from agent.knowledge.leaderboard import entries, incumbent
from agent.knowledge.profile import across_tracks
from agent.knowledge.standings import standings
from agent.knowledge.tried import tried_trials
from agent.study.ledger import Ledger
from agent.study.records import Ending, Outcome
from agent.study.workspace import Workspace
from helpers import Call
from helpers.studies import SETTINGS, run
from search_space.spec import make_spec
from tracks.evaluation import State
from tracks.isolation.launcher import Launcher
from tracks.registry import get_track

RESULT = {
    "scale": "full",
    "state": "complete",
    "drawn_from": None,
    "trainer": "exact",
    "max_steps": 400,
    "final_eval_accuracy": 0.9,
    "date_utc": "2026-01-01",
}


def put(name: str, track: str, **changed: Any) -> None:
    folder = Path("submissions") / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "submission.py").write_text(f"class Submission: ...  # {name}\n")
    result = RESULT | {"track": track, "steps_to_target": None} | changed
    file = folder / "result.json"
    known = json.loads(file.read_text())["tracks"] if file.exists() else {}
    file.write_text(json.dumps({"schema_version": 1, "tracks": known | {track: result}}))


def test_only_exact_official_runs_of_the_same_scale_are_ranked(workspace_folder: Path) -> None:
    put("honest", "mqar", steps_to_target=100)
    put("lucky", "mqar", steps_to_target=10, drawn_from="somewhere")
    put("rounded", "mqar", steps_to_target=10, trainer="fused")
    put("failed", "mqar", steps_to_target=10, state="diverged")
    put("little", "mqar", steps_to_target=10, scale="small")
    workspace = Workspace(workspace_folder)
    assert [entry.name for entry in entries(workspace, "mqar", "steps")] == ["honest"]
    assert [entry.name for entry in entries(workspace, "mqar", "steps", "small")] == ["little"]
    assert incumbent(workspace, "mqar", "steps")[0] == "honest"
    assert incumbent(workspace, "mqar", "steps", "small")[0] == "little"


def test_who_never_reaches_the_target_scores_nothing(call: Call) -> None:
    put("quick", "mqar", steps_to_target=50)
    put("quick", "single_ar", steps_to_target=None)
    put("steady", "mqar", steps_to_target=100)
    put("steady", "single_ar", steps_to_target=200)
    quick, steady = sorted(
        across_tracks(Workspace(Path.cwd())).profiles, key=lambda profile: profile.name
    )
    assert quick.missed("single_ar")
    assert quick.verdict == "specialist: mqar"
    assert steady.verdict == "good on all it was measured on"
    # all tracks have one weight, but one on which nobody was measured has none: (1 + 0) / 2
    assert quick.score == pytest.approx(1 / 2)
    assert steady.score == pytest.approx((1 - 0.30103 + 1) / 2)
    status, out, _ = call("leaderboard", "--json")
    assert status == 0
    shown = {row["submission"]: row for row in json.loads(out)["entries"]}
    assert shown["quick"]["missed"] == ["single_ar"]
    assert shown["quick"]["ratios"]["single_ar"] is None


def test_no_wrong_answer_is_not_ten_decades_ahead(
    workspace_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts as half of one, as in the paired test."""
    monkeypatch.setattr(get_track("mqar"), "objective", "final")
    size = get_track("mqar").scales["full"].eval_samples * 8
    put("all", "mqar", steps_to_target=50, final_eval_accuracy=1.0)
    put("but one", "mqar", steps_to_target=50, final_eval_accuracy=1 - 1 / size)
    ratios = {
        one.name: one.ratios["mqar"] for one in across_tracks(Workspace(workspace_folder)).profiles
    }
    assert ratios == {"all": 1.0, "but one": pytest.approx(1 + math.log10(2))}


PHASES = make_spec(
    {
        "phases": [
            {
                "from": 0.0,
                "momentum": {"part": "ema", "beta": 0.5},
                "direction": {"part": "adam", "beta2": 0.9},
                "schedule": {"part": "constant", "lr": 0.2},
            },
            {
                "from": 0.8,
                "momentum": {"part": "ema", "beta": 0.9},
                "direction": {"part": "adam", "beta2": 0.9},
                "schedule": {"part": "constant", "lr": 0.02},
            },
        ]
    }
)


def test_adoption_counts_what_was_taken_out_of_later_phases(
    launcher: Launcher, workspace_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpers.studies.STRONG", PHASES)
    run(launcher, replace(SETTINGS, budget=1), "phased", Options(commit=False))
    study = Ledger(Workspace(workspace_folder)).open("phased")
    (entry,) = standings([study])
    assert entry.standing == "confirmed"
    assert "then momentum ema" in entry.parts
    assert "then momentum ema" in entry.taken_out, "the target is reached before it begins"
    assert set(entry.taken_out) <= set(entry.parts)
    dropped = {row.part: row.taken_out for row in adoption([entry], tried_trials(study))}
    assert dropped["then momentum ema"] == 1


def test_what_failed_is_worst_however_far_it_came(
    launcher: Launcher, workspace_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(launcher, replace(SETTINGS, budget=5), "some", Options(commit=False, ablation=False))
    study = Ledger(Workspace(workspace_folder)).open("some")
    trials = tried_trials(study)
    reached = {"tiny": 1.0, "half": 1.0}
    failed = Outcome(state=State.EXCEPTION, reason="at full size", rungs=reached)
    pruned = Outcome(state=Ending.PRUNED, rungs={"tiny": 5.0})
    ends = zip(trials, (failed, pruned), strict=False)
    changed = [replace(one.trial, outcome=end, value=None) for one, end in ends]
    changed += [one.trial for one in trials[2:]]
    monkeypatch.setattr(study, "finished", lambda: changed)
    assert tried_trials(study)[-1].trial is changed[0]
