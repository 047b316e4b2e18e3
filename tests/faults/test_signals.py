"""Signals to a running study: it says how to go on, leaves nobody behind, and loses nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from helpers import ROOT, sources

pytestmark = pytest.mark.processes

LONG = pytest.mark.campaign
COMMAND = [sys.executable, "-m", "agent"]
RUN = ["run", "--track", "mqar", "--scale", "small", "--submission", "slow.py", "--study", "mine"]
GO_ON = "autoresearch: interrupted; continue with: autoresearch run --resume mine"


@pytest.fixture
def process(workspace_folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A study whose first trial never ends."""
    Path("slow.py").write_text(sources.with_step("while True:\n    pass"))
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    with subprocess.Popen([*COMMAND, *RUN], stderr=pipe, text=True, env=environment) as opened:
        assert opened.stderr
        while "searching" not in (line := opened.stderr.readline()):
            assert line, "it ended before it searched"
        time.sleep(1)
        yield opened
        opened.kill()


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    found = psutil.Process(process.pid).children(recursive=True)
    assert found
    return found


def end_of(process: subprocess.Popen[str], children: list[psutil.Process]) -> str:
    """The last line; nobody may be left."""
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert not psutil.wait_procs(children, timeout=20)[1]
    return said.splitlines()[-1]


ORDERLY = [pytest.param(number, marks=LONG) for number in (signal.SIGINT, signal.SIGTERM)]


@pytest.mark.parametrize("number", [*ORDERLY, signal.SIGHUP])
def test_a_signal_ends_in_order(process: subprocess.Popen[str], number: int) -> None:
    children = family(process)
    process.send_signal(number)
    assert end_of(process, children) == GO_ON


def test_ctrl_c_twice_ends_at_once(process: subprocess.Popen[str]) -> None:
    children = family(process)
    for child in children:
        if "ar-zygote" in Path(f"/proc/{child.pid}/comm").read_text():
            child.send_signal(signal.SIGSTOP)  # leaving in order would wait for it
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert end_of(process, children) == GO_ON
    assert time.monotonic() - began < 8, "leaving in order waits for ten seconds"


def test_what_nohup_ignores_is_ignored(workspace_folder: Path) -> None:
    program = (
        "import os, signal, time; from agent.cli.interrupt import interruptible, handling_signals\n"
        "with handling_signals(), interruptible():\n"
        "    os.kill(os.getpid(), signal.SIGHUP); time.sleep(0.2); print('goes on')"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = ["nohup", sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == "goes on\n"
