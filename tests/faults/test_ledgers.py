"""Ledgers of other versions, and broken files in runs/: one line that says what to do."""

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from agent.cli.inputs import open_ledger
from agent.study.schema_version import ATTRIBUTE
from helpers import Call

VERBS = (("status",), ("report", "done"), ("run", "--resume", "done"))
DAMAGES = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "empty": lambda path: path.write_bytes(b""),
    "garbage": lambda path: path.write_bytes(bytes(range(128, 256)) * 8),
    "no record": lambda path: path.write_text("[1]"),
    "folder": lambda path: (path.unlink(), path.mkdir()),
}


def test_a_study_of_another_version_is_refused(call: Call, study: str) -> None:
    kept = open_ledger().open("done").optuna
    for written, words in (
        (
            {"number": 9, "written_by": "autoresearch 9.1 (abc)"},
            "autoresearch 9.1 (abc), as version 9",
        ),
        (
            {"number": 1, "written_by": "an older autoresearch"},
            "an older autoresearch, as version 1",
        ),
    ):
        kept.set_user_attr(ATTRIBUTE, written)
        for verb in VERBS:
            status, out, error = call(*verb)
            assert (status, out, error.count("\n")) == (2, "", 1)
            assert error.startswith(f"autoresearch: study done was written by {words}"), error


def test_a_ledger_of_before_versions_is_refused(call: Call, study: str) -> None:
    with sqlite3.connect("runs/ledger.db") as connection:
        connection.execute("DELETE FROM study_user_attributes WHERE key = ?", (ATTRIBUTE,))
    connection.close()
    status, _, error = call("status")
    assert status == 2
    assert "was written by an older autoresearch, as version 1 of the ledger" in error


def test_tables_of_a_newer_optuna_are_refused(call: Call, study: str) -> None:
    with sqlite3.connect("runs/ledger.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'v9.0.0'")
        connection.execute("UPDATE version_info SET schema_version = 13, library_version = '9.0'")
    connection.close()
    for verb in VERBS:
        status, _, error = call(*verb)
        assert (status, error.count("\n")) == (2, 1)
        assert "was written with Optuna 9.0, whose tables (v9.0.0)" in error
        assert error.endswith("install Optuna 9.0\n")


def test_a_truncated_ledger_is_named(call: Call, study: str) -> None:
    path = Path("runs/ledger.db")
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    whole = path.read_bytes()
    for size in (50, 3000, len(whole) // 2, len(whole) - 5000):
        path.write_bytes(whole[:size])
        for verb in VERBS:
            status, _, error = call(*verb)
            assert (status, error.count("\n")) == (2, 1), (size, verb)
            assert f"the ledger {path.resolve()} was cut off: restore it" in error


def test_an_empty_ledger_takes_over_no_files(call: Call, study: str) -> None:
    for path in Path("runs").glob("ledger.db*"):
        path.unlink()
    Path("runs/ledger.db").touch()
    assert call("status")[0] == 0
    words = ["run", "--track", "mqar", "--scale", "small", "--budget", "1", "--study", "done"]
    status, _, error = call(*words)
    assert status == 2
    assert "runs/done has files of a study that the ledger does not have: move that folder" in error


@pytest.mark.parametrize(
    "damage",
    [pytest.param(d, marks=pytest.mark.campaign if d != "garbage" else ()) for d in DAMAGES],
)
def test_a_damaged_record_is_one_line_or_measured_again(
    call: Call, study: str, damage: str, tmp_path: Path
) -> None:
    records = [*Path("runs/done").glob("*.json")]
    assert {"verdict.json", "alpha.json"} & {path.name for path in records}
    for path in records:
        shutil.copy(path, tmp_path / "whole")
        DAMAGES[damage](path)
        for verb in VERBS[:2]:
            status, _, error = call(*verb)
            if status:
                assert (status, error.count("\n")) == (2, 1)
                assert f"{path.name} is damaged" in error
                assert "; " in error, "it is said what to do"
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copy(tmp_path / "whole", path)
    for path in Path("runs/evaluations").rglob("*.json"):
        DAMAGES[damage](path)
    status, _, error = call("run", "--resume", "done")
    assert "internal error" not in error
    assert "Traceback" not in error
    if damage == "folder":
        assert (status, error.count("is a folder, not a file; remove it\n")) == (2, 1)
    else:
        assert status == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_an_unreadable_record_is_named(call: Call, study: str) -> None:
    path = Path("runs/done/verdict.json")
    path.chmod(0)
    status, _, error = call("report", "done")
    assert (status, error.count("\n")) == (2, 1)
    assert "verdict.json: Permission denied; make it readable" in error
