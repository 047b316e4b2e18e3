"""A cheat that is accepted where it can read the ledger, from the command line to the verdict."""

import json
import os
from pathlib import Path

import pytest
from cheat import cheat

from agent.study import measurer
from helpers import Call
from tracks.instance import WIDE
from tracks.isolation.levels import Level
from tracks.isolation.sandbox import probe

pytestmark = pytest.mark.processes

TRACK = ["--track", "random_teacher", "--scale", "tiny"]
RUN = ["run", *TRACK, "--proposer", "external", "--budget", "1", "--seeds", "3", "--jobs", "1"]
RUN += ["--no-ablation", "--no-commit", "--study", "cheated", "--submission", "cheat.py", "--json"]


@pytest.fixture
def cheat_file(workspace_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("agent.verdict.comparison_keys.draw", lambda: WIDE + os.urandom(32).hex())
    path = workspace_folder / "cheat.py"
    path.write_text(cheat(workspace_folder / "runs" / "ledger.db"))
    return path


def verdict(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "runs/cheated/verdict.json").read_text())
    return found


def test_the_rule_book_forbids_nothing_in_it(call: Call, cheat_file: Path) -> None:
    """It is advice; the sandbox is the wall."""
    status, out, told = call("check", str(cheat_file))
    assert status == 0, out + told


def test_it_wins_where_the_sandbox_is_left_open(
    call: Call, cheat_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the test below can fail: the cheat works."""
    monkeypatch.setattr(measurer, "levels_for", lambda *_: (Level.RLIMITS, Level.RLIMITS))
    call(*RUN)
    found = verdict(cheat_file.parent)
    assert found["accepted"] is True, found


@pytest.mark.skipif(probe().level is not Level.FULL, reason="this machine has no full sandbox")
def test_the_sandbox_refuses_it(call: Call, cheat_file: Path) -> None:
    call(*RUN)
    found = verdict(cheat_file.parent)
    assert found["accepted"] is False
    assert "PermissionError: [Errno 1] Operation not permitted" in json.dumps(found)
    assert "ledger.db" in json.dumps(found)
