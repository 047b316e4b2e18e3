"""The leaderboard: which submissions may be the incumbent that a verdict compares with."""

import json
import shutil
from pathlib import Path

import pytest

from agent.knowledge.leaderboard import BASELINE, entries, incumbent, named_submission
from agent.study.errors import UserError
from agent.study.workspace import PACKAGED_SUBMISSIONS, Workspace
from helpers import ROOT, Call
from tracks.base import Metric, Objective
from tracks.registry import get_track
from tracks.submission import read_submission

WINNER = "log-odds-keys"


@pytest.fixture
def workspace(workspace_folder: Path) -> Workspace:
    """With a copy of a confirmed winner."""
    shutil.copytree(ROOT / "submissions" / WINNER, workspace_folder / "submissions" / WINNER)
    return Workspace(workspace_folder)


def edit(workspace: Workspace) -> None:
    with (workspace.submissions / WINNER / "submission.py").open("a") as file:
        file.write("# better\n")


def test_a_winner_that_was_edited_is_no_incumbent(workspace: Workspace) -> None:
    assert incumbent(workspace, "mqar", "steps")[0] == WINNER
    edit(workspace)
    (entry,) = entries(workspace, "mqar", "steps")
    assert (entry.name, entry.standing) == (WINNER, "changed")
    assert incumbent(workspace, "mqar", "steps")[0] == BASELINE


def test_an_example_is_shown_and_is_no_incumbent(workspace: Workspace) -> None:
    file = workspace.submissions / WINNER / "result.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "example": True}))
    (entry,) = entries(workspace, "mqar", "steps")
    assert (entry.name, entry.standing) == (WINNER, "example")
    assert incumbent(workspace, "mqar", "steps")[0] == BASELINE
    edit(workspace)
    assert entries(workspace, "mqar", "steps")[0].standing == "changed"


def test_a_winner_that_was_edited_is_not_exported(call: Call, workspace: Workspace) -> None:
    edit(workspace)
    status, out, error = call("export", WINNER, "--to", "caffeine")
    assert (status, out) == (2, "")
    assert "is not the file that was confirmed; restore it from git, or confirm this one" in error


def test_the_baseline_is_ours_whatever_lies_in_the_folder(
    call: Call, workspace_folder: Path
) -> None:
    """Else a verdict could compare with an adamw that learns nothing."""
    packaged = read_submission(PACKAGED_SUBMISSIONS / BASELINE)
    slow = packaged.source.replace("lr=", "lr=1e-9 * ")
    for folder in ("submissions", "others"):
        (workspace_folder / folder / BASELINE).mkdir(parents=True)
        (workspace_folder / folder / BASELINE / "submission.py").write_text(slow)
    workspace = Workspace(workspace_folder)
    assert named_submission(workspace, BASELINE).digest == packaged.digest
    shutil.rmtree(workspace.submissions)
    status, _, error = call("import", "others", "--track", "mqar")
    assert status == 2
    assert "adamw is the name of the baseline; choose a --prefix" in error


def test_a_result_may_lack_its_device_and_its_date(call: Call, workspace: Workspace) -> None:
    """Nothing is ranked by them."""
    file = workspace.submissions / WINNER / "result.json"
    results = json.loads(file.read_text())
    for name in ("device", "date_utc"):
        del results["tracks"]["mqar"][name]
    file.write_text(json.dumps(results))
    status, out, error = call("leaderboard", "--track", "mqar")
    assert (status, error) == (0, "")
    assert WINNER in out


def test_a_result_without_its_fields_is_one_line(workspace: Workspace) -> None:
    folder = workspace.submissions / "bad"
    folder.mkdir()
    (folder / "result.json").write_text(json.dumps({"tracks": {"mqar": {"state": "complete"}}}))
    with pytest.raises(
        UserError, match=r"result\.json: not a result file .*mqar without max_steps"
    ):
        entries(workspace, "mqar", "steps")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("steps_to_target", "21", "mqar with steps_to_target '21', which is no number"),
        ("max_steps", None, "mqar with max_steps None, which is no number"),
        ("final_eval_accuracy", [1], r"mqar with final_eval_accuracy \[1\], which is no number"),
    ],
)
def test_a_result_that_is_no_number_is_one_line(
    workspace: Workspace, name: str, value: object, said: str
) -> None:
    file = workspace.submissions / WINNER / "result.json"
    results = json.loads(file.read_text())
    results["tracks"]["mqar"][name] = value
    file.write_text(json.dumps(results))
    with pytest.raises(UserError, match=said):
        entries(workspace, "mqar", "steps")


@pytest.mark.parametrize("kept", ["[1, 2]", "7", '{"verdict": [1]}'])
def test_evidence_of_another_shape_is_one_line(workspace: Workspace, kept: str) -> None:
    (workspace.submissions / WINNER / "evidence.json").write_text(kept)
    with pytest.raises(UserError, match=r"evidence\.json is damaged: .*; restore it from git"):
        entries(workspace, "mqar", "steps")


def test_a_damaged_record_of_other_tasks_is_one_line(workspace: Workspace) -> None:
    file = workspace.submissions / WINNER / "evidence.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"transfer": {"key": 7}}))
    (entry,) = entries(workspace, "mqar", "steps")
    with pytest.raises(UserError, match=r"evidence\.json is damaged: .*; restore it from git"):
        _ = entry.transfer


@pytest.mark.parametrize("now", ["share", "mse"])
@pytest.mark.parametrize("objective", ["final", "steps"])
def test_a_result_of_another_metric_is_one_line(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, now: str, objective: Objective
) -> None:
    monkeypatch.setattr(get_track("mqar"), "metric", Metric(now, True))
    said = rf"result\.json: not a result of the track .*mqar without final_eval_{now}\); remove"
    with pytest.raises(UserError, match=said):
        entries(workspace, "mqar", objective)


@pytest.mark.parametrize("words", [("--scale", "half"), ("--objective", "steps")])
def test_what_is_of_one_track_needs_a_track(call: Call, words: tuple[str, str]) -> None:
    status, out, error = call("leaderboard", *words)
    assert (status, out) == (2, "")
    assert error == (
        "autoresearch: --objective and --scale are of one track: give --track as well\n"
    )
