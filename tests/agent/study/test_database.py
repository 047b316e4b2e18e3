"""The file of a ledger in a process that opens it more than once, beside another process."""

import gc
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from optuna.storages import RDBStorage
from optuna.study import StudyDirection

from agent.study.database import Sqlite, writable

OTHER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
print([name for (name,) in connection.execute("SELECT study_name FROM studies")])
connection.close()
"""


def other_process(path: Path) -> str:
    """The studies that a process finds which opens the ledger to write, and ends."""
    command = [sys.executable, "-c", OTHER, str(path)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def readable(path: Path) -> RDBStorage:
    return Sqlite(path, read_only=True).storage


@pytest.mark.processes
@pytest.mark.parametrize("again", [writable, readable])
def test_what_is_written_after_another_process_ended_is_kept(
    tmp_path: Path, again: Callable[[Path], RDBStorage]
) -> None:
    path = tmp_path / "ledger.db"
    storage = writable(path)
    kept = again(path)  # it must not release the lock without which -wal is removed
    assert other_process(path) == "[]"
    storage.create_new_study([StudyDirection.MINIMIZE], "late")
    assert other_process(path) == "['late']"
    assert [study.study_name for study in kept.get_all_studies()] == ["late"]


@pytest.mark.parametrize("opened", [writable, readable])
def test_a_storage_that_nobody_has_leaves_no_connection(
    tmp_path: Path, opened: Callable[[Path], RDBStorage]
) -> None:
    path = tmp_path / "ledger.db"
    writable(path)
    storage = opened(path)
    engine = storage.engine
    storage.get_all_studies()
    storage.remove_session()
    assert engine.pool.checkedin()  # type: ignore[attr-defined]
    del storage
    gc.collect()
    assert not engine.pool.checkedin()  # type: ignore[attr-defined]
