"""Verbs that only read: they load little, and need no right to write."""

import ctypes
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from agent.cli.run import AS_ROOT
from agent.study.database import readable
from agent.study.ledger import Ledger
from agent.study.workspace import Workspace
from helpers import ROOT, Call

READING = (["tracks"], ["leaderboard"], ["leaderboard", "--track", "mqar"], ["status"],
           ["report", "done"], ["report", "done", "--html", "/dev/null"])  # fmt: skip
HEAVY = {"torch", "scipy", "matplotlib", "anthropic", "openai", "git"}
LOADED = f"""
import sys
from agent.cli.main import main

for words in {READING!r}:
    assert main(words) == 0
    loaded = {HEAVY!r} & set(sys.modules)
    assert not loaded, (words, loaded)
"""
START = """
import sys
from agent.cli.main import main

assert main(["--version"]) == 0
assert not {"torch", "pydantic"} & set(sys.modules)
"""
FIRST_WORDS = """
import sys
import agent.pipeline
from agent.cli.main import main

def stop(*arguments):
    sys.exit("torch is loaded" if "torch" in sys.modules else 0)

agent.pipeline.run_study = stop
main(["run", "--track", "mqar", "--study", "first"])
"""
DROP_FROM_BOUNDING_SET, MAY_WRITE_EVERYTHING = 24, 1


def python(code: str, *, cwd: Path, **options: object) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, **options
    )  # type: ignore[call-overload, no-any-return]


def test_they_import_neither_torch_nor_scipy(study: str, workspace_folder: Path) -> None:
    done = python(LOADED, cwd=workspace_folder)
    assert done.returncode == 0, done.stderr


@pytest.mark.processes
def test_the_version_is_said_without_large_libraries(tmp_path: Path) -> None:
    done = python(START, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.processes
def test_a_run_says_its_first_words_before_torch_is_imported(tmp_path: Path) -> None:
    done = python(FIRST_WORDS, cwd=tmp_path)
    first, *warned = done.stderr.splitlines()
    assert warned in ([], [AS_ROOT])
    assert done.returncode == 0
    assert first == "study first: track mqar, objective steps, 50 trials, device cpu"


def ordinary() -> None:
    """Take from root the right to write to what is not writable."""
    if os.getuid() == 0 and ctypes.CDLL(None).prctl(
        DROP_FROM_BOUNDING_SET, MAY_WRITE_EVERYTHING, 0, 0, 0
    ):
        raise PermissionError("cannot give up CAP_DAC_OVERRIDE")


@pytest.fixture
def read_only(study: str, workspace_folder: Path) -> Path:
    """A workspace whose folders and files nobody may write; the last trial is in -wal alone."""
    runs = workspace_folder / "runs"
    ledger = runs / "ledger.db"
    connection = sqlite3.connect(ledger)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("UPDATE studies SET study_name = 'renamed'")
    connection.commit()
    # the copy is what a killed process leaves
    killed = workspace_folder / "killed"
    killed.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(f"{ledger}{suffix}", killed)
    connection.close()
    for path in runs.glob("ledger.*"):
        path.unlink()
    shutil.copytree(killed, runs, dirs_exist_ok=True)
    shutil.rmtree(killed)
    (runs / "done").rename(runs / "renamed")
    paths = [workspace_folder, *workspace_folder.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield workspace_folder  # type: ignore[misc]
    for path in paths:
        path.chmod(0o755)


def test_a_workspace_that_cannot_be_written_is_read(read_only: Path) -> None:
    before = sorted(path.name for path in read_only.rglob("*"))
    verbs = (["status"], ["report", "renamed"], ["leaderboard"], ["ideas", "--track", "mqar"],
             ["context", "--study", "renamed"])  # fmt: skip
    code = f"""
import sys
from pathlib import Path
from agent.cli.main import main

try:
    Path("runs/proof").touch()
    sys.exit("it could be written")
except PermissionError:
    pass
for words in {verbs!r}:
    assert main(words) == 0, words
status = main(["run", "--track", "mqar"])
assert status == 2, status
"""
    try:
        done = python(code, cwd=read_only, preexec_fn=ordinary)
    except subprocess.SubprocessError:
        pytest.skip("root cannot give up its rights here")
    assert done.returncode == 0, done.stderr
    assert "renamed" in done.stdout
    assert f"cannot write to {read_only / 'runs'}" in done.stderr
    assert sorted(path.name for path in read_only.rglob("*")) == before


def test_reading_does_not_touch_the_lock(call: Call, study: str) -> None:
    Path("runs/ledger.lock").unlink()
    assert call("status")[0] == call("report", "done")[0] == 0
    assert not Path("runs/ledger.lock").exists()


def test_tables_that_were_never_finished_are_finished(workspace_folder: Path) -> None:
    runs = Workspace(workspace_folder).writable_runs()
    with closing(sqlite3.connect(runs / "ledger.db")) as connection:
        connection.execute("CREATE TABLE alembic_version (x)")
    with closing(readable(runs / "other.db")()) as connection:
        assert connection.execute("SELECT * FROM studies").fetchall() == []
    (runs / "ledger.db").write_bytes(b"")
    assert Ledger(Workspace(workspace_folder), read_only=True).names() == []
