"""`autoresearch ledger copy`: studies go to a server and back whole, or not at all."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.study import ledger_copy, postgres
from agent.study.ledger import Ledger
from agent.study.storage_address import VARIABLE, StorageAddress
from agent.study.workspace import Workspace
from helpers import Call
from helpers.postgres import PASSWORD, Server
from helpers.studies import SETTINGS


def contents(root: Path, storage: str = "") -> tuple[list[Any], dict[str, Any], dict[str, str]]:
    """Of the study: its trials without their ids, what is kept with it, and its files."""
    study = Ledger(Workspace(root, storage), read_only=True).open("done").optuna
    trials = [{**vars(trial), "_trial_id": 0} for trial in study.get_trials()]
    files = {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in ("done", "evaluations")
        for path in (root / "runs" / folder).rglob("*")
        if path.is_file() and not path.name.endswith("lock")
    }
    return trials, study.user_attrs, files


@pytest.fixture
def lab(
    study: str,
    server: Server,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """A folder of its own, whose ledger is on a server; the address without the password."""
    address = server.database()
    monkeypatch.setenv(VARIABLE, address)
    monkeypatch.chdir(tmp_path_factory.mktemp("lab"))
    yield StorageAddress.parse(address).url
    postgres.postgres.cache_clear()


def test_a_study_goes_to_a_server_and_back_whole(
    call: Call, lab: str, workspace_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, out, error = call("ledger", "copy", str(workspace_folder), lab, "--json")
    assert (status, PASSWORD in out + error) == (0, False), error
    (copied,) = json.loads(out)["studies"]
    before, back = contents(workspace_folder), workspace_folder / "back"
    assert copied["trials"] == len(before[0])
    assert copied["files"] + copied["evaluations"] == len(before[2])
    there = call("report", "done", "--json")
    assert call("ledger", "copy", lab, str(back))[0] == 0
    assert contents(back) == before
    monkeypatch.delenv(VARIABLE)
    monkeypatch.chdir(back)
    assert call("report", "done", "--json") == there
    for again in (("..", "."), (".", "..")):
        status, _, error = call("ledger", "copy", *again)
        assert (status, error.count("\n")) == (2, 1)
        assert "has a study of the name done already: nothing was copied" in error


def test_a_copy_that_was_killed_left_nothing_and_is_made_again(
    call: Call, lab: str, workspace_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("ledger", "copy", str(workspace_folder), lab)

    class Killed(ledger_copy.RowCopy):
        def copy(self, study: str) -> int:
            super().copy(study)
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ledger_copy, "RowCopy", Killed)
        assert call(*words)[0] == 130
    assert "no studies yet" in call("status")[1]
    # killed a moment later, between the files and the rows
    left = Path("runs/done")
    left.mkdir()
    (left / ledger_copy.UNFINISHED).touch()
    assert call(*words)[0] == 0
    assert "done" in call("status")[1]
    assert not (left / ledger_copy.UNFINISHED).exists()


def test_what_cannot_be_copied_is_one_line(call: Call, lab: str, workspace_folder: Path) -> None:
    Ledger(Workspace(workspace_folder)).create("second", SETTINGS)
    Path("runs/second").mkdir(parents=True)
    Path("runs/second/x").touch()
    alone = str(workspace_folder)
    for words, expected in (
        ((alone, lab, "--study", "none"), "no study named 'none'; there are: done, second"),
        ((alone, lab), "has files of the name second already: nothing was copied"),
        ((lab, "."), "both ledgers would have their files in"),
        (("../nowhere", lab), "nowhere has no study: expected A folder"),
        (("../pyproject", "postgresql://me:pw@host/db"), "has a password, which others see"),
    ):
        status, out, error = call("ledger", "copy", *words)
        assert (status, out, error.count("\n")) == (2, "", 1), error
        assert expected in error
    assert "no studies yet" in call("status")[1]
