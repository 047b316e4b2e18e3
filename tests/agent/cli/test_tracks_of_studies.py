"""Tracks of the user's own where no file is given: in lists, in ranks over all, over MCP."""

import json
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from agent.cli.server.reading import Ideas
from agent.study.errors import UserError
from agent.study.ledger import Ledger
from agent.study.workspace import Workspace
from helpers import Call
from helpers.own_track import place_waves, written
from helpers.studies import SETTINGS
from tracks import registry


@pytest.fixture(autouse=True)
def _own_track(monkeypatch: pytest.MonkeyPatch, workspace_folder: Path) -> None:
    """A study of waves.py, and a package whose track is broken."""
    place_waves(workspace_folder)
    settings = replace(
        SETTINGS, track="waves", objective="final", scale="full", track_file="waves.py",
        track_digest="another",
    )  # fmt: skip
    Ledger(Workspace(workspace_folder)).create("own", settings)
    broken = EntryPoint("broken", "no_such_module:TRACK", registry.GROUP)
    monkeypatch.setattr(registry, "_packaged", lambda: {"broken": broken})
    monkeypatch.setattr(registry, "_files", {})


def put(folder: Path, track: str, digest: str | None = None) -> None:
    own = folder / "submissions" / f"on-{track}"
    own.mkdir(parents=True, exist_ok=True)
    (own / "submission.py").write_text("")
    result = {
        "track": track, "scale": "full", "state": "complete", "trainer": "exact", "max_steps": 200,
        "steps_to_target": None, "final_eval_mse": 0.5, "track_digest": digest,
    }  # fmt: skip
    (own / "result.json").write_text(json.dumps(result))


def test_the_list_has_them_and_what_is_wrong(
    call: Call, workspace_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = workspace_folder / "waves.py"
    status, said, _ = call("tracks", "--json")
    content = json.loads(said)
    assert status == 0
    assert {row["track"]: row["file"] for row in content["tracks"]}["waves"] == str(file)
    assert [line.split(":")[0] for line in content["problems"]] == [
        "track broken of package no_such_module"
    ]
    assert f"waves is given by its file: --track {file}:waves" in call("tracks")[1]
    monkeypatch.setattr(registry, "_loaded", {})
    file.unlink()
    assert f"{file}: no such file, and studies of the track waves need it" in call("tracks")[1]


def test_the_ranks_over_all_tracks_have_their_results(call: Call, workspace_folder: Path) -> None:
    assert "Nothing is measured yet" in call("leaderboard")[1]
    put(workspace_folder, "waves")
    put(workspace_folder, "gone")
    content = json.loads(call("leaderboard", "--json")[1])
    assert [row["submission"] for row in content["entries"]] == ["on-waves"]
    assert content["entries"][0]["ratios"] == {"waves": 1.0}
    assert content["unknown_tracks"] == ["gone"]
    assert "Results on gone are left out" in call("leaderboard")[1]
    put(workspace_folder, "waves", "of before")
    assert json.loads(call("leaderboard", "--json")[1])["outdated"] == ["on-waves on waves"]
    assert "on-waves on waves is left out: its result is of another" in call("leaderboard")[1]


def test_a_name_alone_is_refused_with_the_file(call: Call, workspace_folder: Path) -> None:
    status, _, said = call("leaderboard", "--track", "waves")
    assert status == 2
    assert f"; that of study own is --track {workspace_folder}/waves.py:waves" in said


def test_ideas_of_a_studys_track_are_a_tool(workspace_folder: Path) -> None:
    assert Ideas(track="waves").answer().startswith("# Ideas for waves")
    written(workspace_folder, "", "other.py")
    with pytest.raises(UserError, match="no track named 'other"):
        Ideas(track="other").answer()
