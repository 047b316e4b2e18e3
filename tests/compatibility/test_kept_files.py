"""Files that earlier versions wrote: this version reads them, and prints all that they printed."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers import Call

TRACK = "random_teacher"
KEPT = sorted(path for path in Path(__file__).parent.iterdir() if (path / "report.json").exists())


@pytest.fixture(params=KEPT, ids=lambda path: path.name)
def kept(request: pytest.FixtureRequest, workspace_folder: Path) -> Path:
    """A workspace with the study and the winner that a version left; the folder of its files."""
    folder: Path = request.param
    study = workspace_folder / "runs" / "kept"
    shutil.copytree(folder / "study", study)
    with sqlite3.connect(study.parent / "ledger.db") as ledger:
        ledger.executescript((folder / "ledger.sql").read_text())
    ledger.close()
    shutil.copytree(folder / "winner", workspace_folder / "submissions" / "winner")
    return folder


def keys(content: Any, path: str = "") -> Iterator[str]:
    """The path of every key in nested objects, and of every list that has elements.

    Which parts a spec has is data: another version may have other ideas.
    """
    if isinstance(content, dict):
        for name, value in content.items():
            yield f"{path}.{name}"
            if name != "spec":
                yield from keys(value, f"{path}.{name}")
    if isinstance(content, list):
        for value in content:
            yield from keys(value, f"{path}[]")


def test_the_ledger_is_read_and_the_report_has_every_key(call: Call, kept: Path) -> None:
    status, out, error = call("report", "kept", "--json")
    assert status == 0, error
    before = json.loads((kept / "report.json").read_text())
    now = json.loads(out)
    assert set(keys(before)) <= set(keys(now))
    assert now["schema_version"] == before["schema_version"]
    assert now["verdict"]["reason"] == before["verdict"]["reason"]


def test_the_evidence_is_recomputed(call: Call, kept: Path) -> None:
    status, out, error = call("significance", "instances", "submissions/winner")
    assert status == 0, out + error
    assert "instances are as recorded" in out


def test_the_result_is_ranked(call: Call, kept: Path) -> None:
    status, out, error = call("leaderboard", "--track", TRACK, "--scale", "small", "--json")
    assert status == 0, error
    (entry,) = [one for one in json.loads(out)["entries"] if one["submission"] == "winner"]
    assert entry["standing"] == "confirmed"


@pytest.mark.processes
def test_the_submission_runs(call: Call, kept: Path) -> None:
    words = ["eval", "--track", TRACK, "--scale", "small", "--submission", "submissions/winner"]
    status, out, error = call(*words, "--json")
    assert status == 0, error
    result = json.loads((kept / "winner" / "result.json").read_text())["tracks"][TRACK]
    assert set(result) <= set(json.loads(out))
