"""`autoresearch chaos`, the records that it keeps, and the intervals of the leaderboard."""

import json
from pathlib import Path

import pytest

from agent.study.errors import UnreadableFileError
from agent.study.workspace import Workspace
from agent.verdict.chaos_record import Chaos, Result, keep, kept
from helpers import Call
from helpers.sources import with_step
from search_space.recipes import RECIPES
from search_space.render import render


def record(*results: tuple[float | None, int | None], track: str = "random_teacher") -> Chaos:
    runs = tuple(Result(*result) for result in results)
    return Chaos("mine", "digest", track, "full", 20, runs, "a processor", "2.0", "2026")


def test_an_interval_goes_from_the_best_to_the_worst() -> None:
    found = record((0.03, None), (0.01, 380), (0.02, 260))
    assert str(found.interval("final")) == "0.01 to 0.03"
    assert str(found.interval("steps")) == "260 to missed"
    assert str(record((0.5, None), (0.5, None)).interval("steps")) == "missed"
    assert str(record((0.5, 28), (0.5, 28)).interval("steps")) == "28"
    failed = record((None, None), (0.5, 28))
    assert failed.interval("final").worst is None
    assert str(failed.interval("final")) == "0.5 to diverged"
    assert str(failed.interval("steps")) == "28 to missed"
    accuracy = record((0.9, None), (0.97, None), track="mqar")
    assert str(accuracy.interval("final")) == "0.97 to 0.9"


def test_records_are_kept_by_file_track_and_scale(workspace_folder: Path) -> None:
    workspace = Workspace(workspace_folder)
    assert not kept(workspace)
    for found in (record((1.0, 3)), record((0.9, 3), track="mqar"), record((2.0, 4))):
        keep(workspace, found)
    assert [one.results[0].final for one in kept(workspace).values()] == [0.9, 2.0]
    path = workspace_folder / "submissions" / "chaos.json"
    content = json.loads(path.read_text())
    content["measured"][0]["results"] = []
    empty = json.dumps(content)
    for text in (empty, '{"schema_version": 9, "measured": []}', '{"measured": [1]}', "[]", "{"):
        path.write_text(text)
        with pytest.raises(UnreadableFileError, match=r"chaos\.json is damaged: .*measure again"):
            kept(workspace)


@pytest.mark.processes
def test_intervals_are_measured_once_and_stand_on_the_leaderboard(
    call: Call, workspace_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("chaos", "--track", "mqar", "--scale", "small", "--runs", "1", "--json")
    status, out, err = call(*words, "row_adam")
    assert status == 0, err
    (measured,) = json.loads(out)["measured"]
    assert measured["submission"] == "row_adam"
    assert len(measured["results"]) == 2
    folder = Path("submissions/mine")
    folder.mkdir()
    (folder / "submission.py").write_text(render(RECIPES["row_adam"], 80))
    # kept evaluations are not repeated
    monkeypatch.setattr("agent.study.measurer.evaluate", None)
    again = json.loads(call(*words, "submissions/mine")[1])["measured"][0]
    assert again["results"] == measured["results"]
    steps = measured["results"][0]["steps"]
    result = {"track": "mqar", "scale": "small", "state": "complete", "steps_to_target": steps}
    result |= {"max_steps": 80, "final_eval_accuracy": 1.0, "device": "cpu", "date_utc": "2026"}
    listed = ("leaderboard", "--track", "mqar", "--scale", "small", "--json")
    for every, text, shown in ((1, "", True), (20, "", False), (1, "# changed\n", False)):
        (folder / "result.json").write_text(json.dumps(result | {"eval_every": every}))
        with (folder / "submission.py").open("a") as file:
            file.write(text)
        (entry,) = json.loads(call(*listed)[1])["entries"]
        assert (entry["interval"] is not None) == shown
    assert steps


@pytest.mark.processes
def test_a_file_that_fails_has_no_result(call: Call, workspace_folder: Path) -> None:
    Path("mine.py").write_text(with_step("raise ValueError('boom')"))
    status, out, err = call("chaos", "--track", "mqar", "--scale", "tiny", "mine.py", "--json")
    assert status == 3
    assert json.loads(out)["measured"] == []
    assert "failed: mine: exception: ValueError: boom" in err
    assert not Path("submissions/chaos.json").exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["nothing"], "'nothing' is no file, folder or recipe; `autoresearch space list`"),
        (["--runs", "0"], "'--runs'"),
        (["--scale", "huge"], "scale 'huge': mqar has full"),
        (["forbidden.py"], "forbidden.py, line 3"),
    ],
)
def test_bad_input_is_one_line(
    call: Call, workspace_folder: Path, words: list[str], line: str
) -> None:
    Path("forbidden.py").write_text("import torch\n\nclass Submission: ...\n")
    status, out, err = call("chaos", "--track", "mqar", *words)
    assert (status, out) == (2, "")
    assert line in err
    assert len(err.strip().splitlines()) == 1
