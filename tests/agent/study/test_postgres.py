"""The ledger on a PostgreSQL server: the same studies, locks between machines, clear refusals."""

import gc
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.search.loop import search
from agent.study import postgres as module
from agent.study.errors import MachineError, UserError
from agent.study.ledger import Ledger
from agent.study.local_executor import LocalExecutor
from agent.study.locks import HeldError
from agent.study.postgres import failure
from agent.study.records import Outcome, ProposalRecord, Status
from agent.study.storage_address import VARIABLE, StorageAddress
from agent.study.study import Study
from agent.study.trial_locks import TrialLocks
from agent.study.workspace import Workspace, find_workspace
from helpers import ROOT, Call
from helpers.postgres import PASSWORD, Server
from helpers.studies import SETTINGS, finish, table
from helpers.views import Recorder
from tracks.evaluation import State
from tracks.isolation.launcher import Launcher

QUICK = replace(SETTINGS, budget=3, recipes=False)
HOLD = """
import sys
from pathlib import Path
from agent.study.ledger import Ledger
from agent.study.trial_locks import TrialLocks
from agent.study.workspace import find_workspace
study = Ledger(find_workspace(Path.cwd())).open("mine")
locks = TrialLocks(study)
with locks.deciding():
    locks.take(study.new_trial())
print("taken", flush=True)
sys.stdin.read()
"""
"""A coordinator that works on a trial until it is killed."""


@pytest.fixture(autouse=True)
def sessions() -> Iterator[None]:
    """No test gets the connections of another one."""
    module.postgres.cache_clear()
    yield
    module.postgres.cache_clear()
    gc.collect()


def coordinator() -> Ledger:
    """With connections of its own, as that of another process."""
    module.postgres.cache_clear()
    return Ledger(find_workspace(Path.cwd()))


def test_a_study_is_the_same_as_on_sqlite(
    launcher: Launcher, storage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = coordinator().create("mine", QUICK)
    finish(launcher, there, jobs=1)
    assert coordinator().open("mine").optuna.trials == there.optuna.trials, "read at once"
    monkeypatch.delenv(VARIABLE)
    embedded = Ledger(Workspace(tmp_path / "embedded")).create("mine", QUICK)
    embedded.store = there.store
    finish(launcher, embedded, jobs=1)
    assert table(there) == table(embedded)
    params = [[trial.params for trial in study.optuna.trials] for study in (there, embedded)]
    assert params[0] == params[1]
    counts = [replace(study.counts(), best=None) for study in (there, embedded)]
    assert counts[0] == counts[1]
    assert counts[0].finished == QUICK.budget
    assert there.counts().best == there.best()
    assert len(there.finished()) == QUICK.budget


def test_two_coordinators_finish_the_budget_exactly(launcher: Launcher, storage: str) -> None:
    one = coordinator().create("mine", QUICK)
    two = coordinator().open("mine")
    with one.leading() as nobody, two.leading() as leader:
        assert nobody is None
        assert leader
        assert str(os.getpid()) in leader
        other = threading.Thread(target=_searched, args=(launcher, two))
        other.start()
        _searched(launcher, one)
        other.join()
    assert len(one.finished()) == QUICK.budget
    assert len({trial.proposal.digest for trial in one.finished()}) == QUICK.budget
    assert not one.open_trials(Status.RUNNING)


def _searched(launcher: Launcher, study: Study) -> None:
    search(study, LocalExecutor(launcher, 1, study.store), Recorder(), None)


def test_trials_of_a_killed_coordinator_are_finished_by_the_other(
    launcher: Launcher, storage: str
) -> None:
    study = coordinator().create("mine", QUICK)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=pipe, stdout=pipe, text=True, env=environment
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "taken\n"
        locks = TrialLocks(study)
        with locks.deciding():
            assert (locks.abandoned(), locks.taken()) == ([], 1)
        searching = threading.Thread(target=_searched, args=(launcher, study))
        searching.start()
        while len(study.finished()) < QUICK.budget - 1:
            searching.join(0.05)
        assert searching.is_alive(), "it waits for the trial of the other"
        process.send_signal(signal.SIGKILL)
    searching.join()
    assert [trial.number for trial in study.finished()] == list(range(QUICK.budget))
    assert not study.open_trials(Status.RUNNING)


def test_after_a_restart_of_the_server_nothing_is_lost_or_taken_twice(
    server: Server, storage: str
) -> None:
    study = coordinator().create("mine", QUICK)
    locks = TrialLocks(study)
    first, second = study.new_trial(), study.new_trial()
    for trial in (first, second):
        trial.keep_proposal(ProposalRecord(origin="file", label="", digest="d", spec=None))
    with locks.deciding():
        locks.take(first)
        locks.take(second)
    with locks.ending(0):
        first.end(Outcome(state=State.CRASH))
    server.stop()
    with pytest.raises(MachineError, match="cannot be reached"):
        study.every_trial()
    server.start()
    # what was locked may be another coordinator's by now
    with pytest.raises(MachineError, match="resume STUDY` continues"), locks.ending(1):
        second.end(Outcome(state=State.CRASH))
    locks.__exit__()
    again = coordinator().open("mine")
    assert [(t.number, t.status) for t in again.every_trial()][:1] == [(0, Status.FINISHED)]
    with TrialLocks(again) as theirs, theirs.deciding():
        assert [trial.number for trial in theirs.abandoned()] == [1]


def test_a_lock_is_one_coordinators_and_ends_with_its_connection(
    server: Server, storage: str
) -> None:
    mine = coordinator().create("mine", QUICK).locks
    yours = coordinator().open("mine").locks
    held = mine.take("a")
    for locks in (mine, yours):
        assert locks.held(["a", "b"]) == {"a"}
        with pytest.raises(HeldError, match=str(os.getpid())):
            locks.take("a")
    held.release()
    yours.take("a").release()
    mine.take("b")
    server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
        "AND pid <> pg_backend_pid()"
    )
    with pytest.raises(MachineError):
        mine.require_kept()
    assert yours.held(["b"]) == set()


def test_files_must_be_in_the_folder_that_all_share(
    storage: str, workspace_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    coordinator().create("mine", QUICK)
    copy = workspace_folder / "copy"
    shutil.copytree("runs", copy / "runs")
    coordinator().names()
    monkeypatch.chdir(copy)
    # the copy has the mark of before
    coordinator_here = Ledger(Workspace(copy, storage), read_only=True)
    with pytest.raises(UserError, match=f"are in .*:{workspace_folder}/runs, not in {copy}/runs"):
        coordinator_here.names()
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(UserError, match="is on a server: give its address as --storage or"):
        Ledger(find_workspace(copy))


def test_a_folder_has_one_ledger(storage: str, workspace_folder: Path) -> None:
    Ledger(Workspace(workspace_folder)).create("mine", QUICK)
    with pytest.raises(UserError, match="has the files of another ledger: work in another folder"):
        coordinator().create("mine", QUICK)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("Temporary failure in name resolution", MachineError),
        ("Name or service not known", UserError),
    ],
)
def test_a_name_server_that_does_not_answer_is_no_mistake_of_the_user(
    reason: str, kind: type[Exception]
) -> None:
    address = StorageAddress.parse("postgresql://owner@lab.example/ledger")
    error = OSError(f'could not translate host name "lab.example" to address: {reason}')
    assert isinstance(failure(address, error), kind)


def test_what_cannot_be_opened_is_one_line_without_the_password(
    call: Call, server: Server, storage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = StorageAddress.parse(storage).place.replace(str(server.port), "1")
    for address, status, words in (
        (f"postgresql://owner:{PASSWORD}@{nowhere}", 1, "cannot be reached: connection failed"),
        (server.address("none"), 2, 'database "none" does not exist'),
        (server.address("postgres", "wr0ng"), 2, "password authentication failed"),
        (storage + "?no=1", 2, 'invalid connection option "no"'),
        (f"mysql://owner:{PASSWORD}@localhost/x", 2, "begins with postgresql://"),
        (f"postgresql://owner:{PASSWORD}@localhost", 2, "names no database"),
        (f"postgresql://owner:{PASSWORD}@localhost:x/y", 2, "this is no address of a ledger"),
    ):
        monkeypatch.setenv(VARIABLE, address)
        found, out, error = call("--debug", "status")
        assert (found, out) == (status, ""), error
        assert words in error
        assert PASSWORD not in error
        assert "wr0ng" not in error
        assert call("status")[2].count("\n") == 1


def test_a_server_or_a_driver_that_is_missing_or_old_is_named(
    call: Call, storage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEAST", 99)
    status, _, error = call("status")
    assert status == 2
    assert "this program needs 99 or newer" in error
    assert "owner:***@127.0.0.1" in error
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    module.postgres.cache_clear()
    status, _, error = call("status")
    assert (status, error.count("\n")) == (2, 1)
    assert "pip install 'autoresearch[cluster]'" in error
