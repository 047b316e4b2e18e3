"""The file of a study's track that was moved, or is gone."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from agent.cli.studies import resumed
from agent.study.ledger import Ledger
from agent.study.records import Origin
from agent.study.workspace import Workspace
from helpers import Call
from helpers.made_up import add_trial
from helpers.own_track import place_waves
from helpers.studies import SETTINGS
from tracks import registry, track_file


@pytest.fixture(autouse=True)
def _moved(monkeypatch: pytest.MonkeyPatch, workspace_folder: Path) -> None:
    """A study of waves.py, which is in the folder `tasks` since."""
    place_waves(workspace_folder)
    file = workspace_folder / "waves.py"
    (track,) = track_file.load(file)
    assert track.source is not None
    settings = replace(
        SETTINGS, track="waves", objective="final", scale="full", track_file="waves.py", budget=1,
        track_digest=track.source.digest, ladder=(),
    )  # fmt: skip
    study = Ledger(Workspace(workspace_folder)).create("own", settings)
    add_trial(study, None, 9, origin=Origin.RECIPE)
    (workspace_folder / "tasks").mkdir()
    file.rename(workspace_folder / "tasks" / "waves.py")
    monkeypatch.setattr(registry, "_files", {})


@pytest.mark.parametrize(
    "verb", [("report", "own"), ("context", "--study", "own"), ("run", "--resume", "own")]
)
def test_what_is_missing_is_named_with_the_cure(
    call: Call, workspace_folder: Path, verb: tuple[str, ...]
) -> None:
    status, _, said = call(*verb)
    assert status == 2
    assert f"{workspace_folder}/waves.py: no such file" in said
    assert "put it back, or, where it was moved" in said
    assert "autoresearch run --resume STUDY --track FILE" in said


def test_a_study_keeps_the_new_place(
    call: Call, workspace_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(Workspace(workspace_folder))
    registry.add_file(workspace_folder / "tasks" / "waves.py")
    resumed(ledger, "own", {"track": "waves"}, None, 0)
    settings = ledger.open("own").settings
    assert settings.track_file == "tasks/waves.py"
    monkeypatch.setattr(registry, "_loaded", {})
    monkeypatch.setattr(registry, "_files", {})
    status, said, _ = call("report", "own", "--json")
    assert status == 0
    assert "--track tasks/waves.py:waves" in json.loads(said)["commands"][0]


def test_the_file_that_is_there_counts(workspace_folder: Path) -> None:
    registry.remember_file("waves", workspace_folder / "waves.py")
    registry.remember_file("waves", workspace_folder / "tasks" / "waves.py")
    assert registry.get_track("waves").source is not None


def test_a_copied_study_names_the_file_that_it_needs(call: Call, workspace_folder: Path) -> None:
    status, said, _ = call("ledger", "copy", ".", "there")
    assert status == 0
    assert "its track's file is not there yet: copy it to there/waves.py" in said
    (workspace_folder / "again").mkdir()
    (workspace_folder / "tasks" / "waves.py").rename(workspace_folder / "again" / "waves.py")
    (copied,) = json.loads(call("ledger", "copy", ".", "again", "--json")[1])["studies"]
    assert copied["missing"] is None
