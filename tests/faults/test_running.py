"""A machine that misbehaves while a study runs: full disk, long lock, wrong clock, a second run."""

import fcntl
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.cli.inputs import open_ledger
from helpers import ROOT, Call

pytestmark = pytest.mark.processes

RUN = ["run", "--track", "mqar", "--scale", "small", "--budget", "3", "--study", "mine"]
# nothing is better by so much, so the stages after the verdict are left out
RUN += ["--no-recipes", "--min-effect", "1000"]
RESUME = ["run", "--resume", "mine"]
CLOCK = """
import datetime, sys, time
real, seconds, calls = datetime.datetime, time.time, []
class Clock(real):
    @classmethod
    def now(cls, tz=None):
        calls.append(None)
        return real.now(tz) - datetime.timedelta(days=len(calls) > 4)
datetime.datetime = Clock
time.time = lambda: seconds() - 86400 * (len(calls) > 4)
import agent.proposers.gates.known
from agent.cli.main import main
agent.proposers.gates.known.RECIPES = {}
status = main(sys.argv[1:])
assert len(calls) > 5, calls
sys.exit(status)
"""


def command_line(words: list[str], **given: object) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "agent", *words]
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        command, capture_output=True, text=True, env=environment, **given
    )


def test_a_clock_that_is_set_back_changes_nothing(workspace_folder: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", CLOCK, *RUN]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert len(open_ledger().open("mine").finished()) == 3
    assert not re.search(r"-\d+ s", done.stderr + done.stdout), "a time that is negative"
    assert command_line(["report", "mine"]).returncode == 0


def few_bytes() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))


def said_and_resumed(done: "subprocess.CompletedProcess[str]") -> None:
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    after = command_line(RESUME if "mine" in open_ledger().names() else RUN)
    assert after.returncode == 0, after.stderr
    assert [trial.number for trial in open_ledger().open("mine").finished()] == [0, 1, 2]


@pytest.mark.campaign
def test_files_that_may_not_grow(workspace_folder: Path) -> None:
    said_and_resumed(command_line(RUN, preexec_fn=few_bytes))


@pytest.fixture
def small_disk(workspace_folder: Path) -> Iterator[Path]:
    runs = workspace_folder / "runs"
    runs.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(runs)]
    if os.geteuid() or not shutil.which("mount") or subprocess.run(command).returncode:
        pytest.skip("a small disk: only root may mount one, NOT TESTED HERE")
    yield runs
    subprocess.run(["umount", "-l", str(runs)], check=True)


def test_a_full_disk_ends_the_run_and_nothing_is_lost(small_disk: Path) -> None:
    done = command_line(RUN)
    assert "the disk is full: free some space" in done.stderr
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    said_and_resumed(done)


@pytest.mark.campaign
def test_a_long_lock_ends_the_run_and_nothing_is_lost(workspace_folder: Path) -> None:
    patch = "import sys; from agent.study import database_file as file; file.WAIT_S = 1.0; "
    patch += "from agent.cli.main import main; sys.exit(main())"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", patch, *RUN]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr
        while "[1/3" not in (line := process.stderr.readline()):
            assert line
        other = sqlite3.connect("runs/ledger.db", timeout=60)
        other.execute("BEGIN IMMEDIATE")
        said = process.stderr.read()
        process.wait()
        other.close()
    assert "the ledger is locked by another process" in said
    done = subprocess.CompletedProcess(command, process.returncode, "", said)
    said_and_resumed(done)


def test_a_second_run_of_a_study_gets_one_line(call: Call, study: str) -> None:
    with open("runs/done/lock", "a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write("4711")
        lock.flush()
        began = time.monotonic()
        status, _, error = call("run", "--resume", "done")
    assert (status, error.count("\n")) == (2, 1)
    assert "study done is being run by process 4711; wait for it" in error
    assert time.monotonic() - began < 60
