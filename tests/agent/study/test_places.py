"""Folders with odd names, damaged files, a full disk, a lock: right places and right words."""

import fcntl
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from optuna.exceptions import StorageInternalError

from agent.study import database, database_file, locks
from agent.study.errors import MachineError
from agent.study.ledger import Ledger
from agent.study.settings import Settings
from agent.study.study import Study
from agent.study.system_errors import FULL, LOCKED, system_error
from agent.study.workspace import Workspace, find_workspace, write_text
from helpers import ROOT, Call

ODD = ("a?x", "a?y", "b%20c", "b c", "{study}", "#1", "é\udcff")
ESCAPE = "\x1b[31mred\x1b[0m"
SETTINGS = Settings("mqar", "steps", 1, 0, 3, "small")


def new_study(folder: Path, name: str = "study") -> Study:
    folder.mkdir(exist_ok=True)
    return Ledger(Workspace(folder)).create(name, SETTINGS)


def test_a_ledger_is_in_its_folder_whatever_that_is_called(tmp_path: Path) -> None:
    for number, name in enumerate(ODD):
        new_study(tmp_path / name, f"study{number}")
    for number, name in enumerate(ODD):
        runs = tmp_path / name / "runs"
        assert (runs / "ledger.db").stat().st_size > 0
        for read_only in (False, True):
            assert Ledger(Workspace(runs.parent), read_only=read_only).names() == [f"study{number}"]
    assert sorted(os.listdir(os.fsencode(tmp_path))) == sorted(map(os.fsencode, ODD))


def test_a_folder_submissions_of_another_project_is_no_workspace(
    workspace_folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace_folder / "submissions" / "theirs").mkdir()
    (workspace_folder / "submissions" / "theirs" / "submission.py").touch()
    (workspace_folder / "pyproject.toml").write_text('[project]\nname = "theirs"\n')
    deeper = workspace_folder / "deep" / "down"
    deeper.mkdir(parents=True)
    monkeypatch.chdir(deeper)
    assert find_workspace(deeper).root == deeper
    assert call("leaderboard")[2] == ""


OURS = {
    "runs/ledger.db": "",
    "submissions/winner/evidence.json": "{}",
    "pyproject.toml": '[project]\nname = "autoresearch"\n',
}


@pytest.mark.parametrize("sign", OURS)
def test_a_workspace_above_is_used_and_said(
    sign: str, workspace_folder: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace_folder / sign).parent.mkdir(parents=True, exist_ok=True)
    (workspace_folder / sign).write_text(OURS[sign])
    (workspace_folder / "deep").mkdir()
    monkeypatch.chdir(workspace_folder / "deep")
    assert call("leaderboard")[2] == f"autoresearch: the workspace is {workspace_folder}\n"
    monkeypatch.chdir(workspace_folder)
    assert call("leaderboard")[2] == ""


def test_a_damaged_record_is_named_and_its_cure_works(call: Call, study: str) -> None:
    verdict = Path("runs/done/verdict.json")
    whole = json.loads(verdict.read_text())
    verdict.write_text(verdict.read_text()[:100])
    for words in (["report", "done"], ["status"]):
        status, out, error = call(*words)
        assert (status, out) == (2, "")
        assert error.startswith(f"autoresearch: {verdict.resolve()} is damaged: not JSON")
        assert error.endswith("; remove it, and `autoresearch run --resume done` makes it again\n")
    verdict.unlink()
    assert call("run", "--resume", "done")[0] == 0
    assert {**json.loads(verdict.read_text()), "date": ""} == {**whole, "date": ""}


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("alpha.json", "restore it from a copy, or begin another study"),
        ("trials/*/curve.csv", "remove it; the report then omits the curve"),
    ],
)
def test_other_damaged_files_of_a_study_are_named(
    call: Call, study: str, file: str, words: str
) -> None:
    for path in Path("runs/done").glob(file):
        path.write_text("step,metric\n1")
    status, _, error = call("report", "done", "--json")
    assert status == 2
    assert f"{path.name} is damaged" in error
    assert error.endswith(f"{words}\n")


@pytest.mark.parametrize("name", ["verdict", "alpha", "incumbent"])
def test_a_record_of_another_version_is_refused(call: Call, study: str, name: str) -> None:
    path = Path(f"runs/done/{name}.json").resolve()
    path.write_text(path.read_text().replace('"schema_version": 1', '"schema_version": 2'))
    status, out, error = call("report", "done", "--json")
    assert (status, out, error.count("\n")) == (2, "", 1)
    assert error.startswith(f"autoresearch: {path} has schema_version 2, and this program reads 1:")
    cure = "begin another study" if name == "alpha" else "run --resume done` makes it again"
    assert cure in error


def test_a_damaged_ledger_is_named(call: Call, study: str) -> None:
    for path in Path("runs").glob("ledger.db*"):
        path.write_bytes(b"damaged")
    status, _, error = call("status")
    assert status == 2
    assert error.startswith(f"autoresearch: cannot open the ledger {Path('runs').resolve()}")


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = database.connect

    def small(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute("PRAGMA max_page_count = 100")
        return connection

    monkeypatch.setattr(database, "connect", small)
    study = new_study(tmp_path).optuna
    with pytest.raises(StorageInternalError) as caught:
        study.set_user_attr("large", ["x" * 2000] * 1000)
    assert system_error(caught.value) == FULL
    assert system_error(OSError(28, "No space left on device")) == FULL
    assert system_error(ValueError("is locked")) is None
    assert "check it and its connection" in str(system_error(OSError(5, "Input/output error")))


def test_a_machine_without_a_folder_for_temporary_files_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "tempdir", None)
    with monkeypatch.context() as patch:
        patch.setattr("os.open", full)
        with pytest.raises(FileNotFoundError) as caught:
            tempfile.gettempdir()
    assert str(system_error(caught.value)).startswith("no folder takes temporary files: free some")


def test_a_ledger_that_is_locked_for_long_is_said(
    call: Call, study: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_file, "WAIT_S", 0.05)
    other = sqlite3.connect("runs/ledger.db")
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(MachineError, match="locked by another process"):
        database.writable(Path("runs/ledger.db"))
    assert call("run", "--resume", "done") == (1, "", f"autoresearch: {LOCKED}\n")
    # reading goes on, from a copy
    assert study in call("status")[1]
    other.close()


@pytest.mark.parametrize("words", [["report", "done"], ["report", "done", "--json"]])
def test_a_reader_that_goes_away_is_no_error(study: str, words: list[str]) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "agent", *words]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, env=environment) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_names_of_files_cannot_act_on_the_terminal(call: Call, workspace_folder: Path) -> None:
    folder = workspace_folder / "submissions" / ESCAPE
    folder.mkdir()
    source = (ROOT / "submissions" / "adamw" / "submission.py").read_text()
    (folder / "submission.py").write_text(source + "import os\nos.remove('x')\n")
    record = json.loads((ROOT / "submissions" / "adamw" / "result.json").read_text())
    (folder / "result.json").write_text(json.dumps(record))
    empty = workspace_folder / f"empty{ESCAPE}\udcff\nx"
    empty.mkdir()
    small = ["--track", "mqar", "--scale", "small"]
    for words in (
        ["check", "--static", str(folder)],
        ["check", str(empty)],
        ["eval", *small, "--submission", str(empty)],
        ["import", str(empty), *small],
        ["leaderboard", "--track", "mqar"],
        ["skill", "install", str(folder)],
    ):
        _, out, error = call(*words)
        assert "red" in out + error or "empty" in error, words
        assert "\x1b" not in out + error, words


def test_a_device_is_written_to_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_text(pipe, "text")
    assert os.read(reader, 10) == b"text"
    os.close(reader)
    assert pipe.is_fifo(), "as root, --html /dev/null would take the place of the device"


def test_a_disk_that_is_full_is_no_fuller_for_a_file_that_was_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    write_text(tmp_path / "a.json", "before")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_text(tmp_path / "a.json", "after")
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert (tmp_path / "a.json").read_text() == "before"


def test_a_process_that_asks_whether_a_lock_is_held_keeps_nobody_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "study.lock"
    path.touch()
    with path.open() as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        # it lets go while the other one waits for its next attempt
        monkeypatch.setattr(locks.time, "sleep", lambda s: fcntl.flock(asking, fcntl.LOCK_UN))
        with locks.take(path):
            assert locks.is_held(path)
            with pytest.raises(locks.HeldError):
                locks.take(path)
