"""A track's file that has changed since a study began."""

from dataclasses import replace
from pathlib import Path

import pytest

from agent.study.ledger import Ledger
from agent.study.workspace import Workspace
from helpers import ROOT, Call, sources
from helpers.studies import SETTINGS
from tracks import registry

BEGUN = replace(
    SETTINGS, track="waves", objective="final", scale="full", track_file="waves.py",
    track_digest="another",
)  # fmt: skip
CHANGED = "waves.py, or a file that it names, has changed since study"


@pytest.fixture(autouse=True)
def _own_track(monkeypatch: pytest.MonkeyPatch, workspace_folder: Path) -> None:
    monkeypatch.setattr(registry, "_loaded", {})
    monkeypatch.setattr(registry, "_files", {})
    text = (ROOT / "docs" / "tracks" / "waves.py").read_text()
    (workspace_folder / "waves.py").write_text(text)
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
