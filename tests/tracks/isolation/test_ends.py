"""How a host ended: killed from outside, after which it is measured again, or by its own doing."""

import os
import signal
from pathlib import Path

import pytest

from helpers import Run
from helpers.sources import GRADIENT_DESCENT, with_step
from tracks.evaluation import State
from tracks.instance import official_instance
from tracks.isolation.evaluate import KILLED, evaluate
from tracks.isolation.launcher import Launcher
from tracks.procedure import Procedure
from tracks.submission import Submission

START = """
import ctypes, os, platform, signal, struct, threading, time
EXIT = {"x86_64": 60}.get(platform.machine(), 93)
def nap():
    time.sleep(60)
"""
HANGS_UP = "os.close(3); nap()"
LEAVES_A_THREAD = """
os.close(3)
threading.Thread(target=nap).start()
ctypes.CDLL(None).syscall(EXIT, 0)
"""
CLAIMS_A_CRASH = """
answer = b'{"kind": "Failed", "state": "crash"}'
os.write(3, b"f" + struct.pack("!I", len(answer)) + answer)
nap()
"""
IGNORES_THE_LIMIT = """
signal.signal(signal.SIGXCPU, signal.SIG_IGN)
while True:
    pass
"""


@pytest.mark.parametrize(
    ("body", "state", "reason"),
    [
        (HANGS_UP, State.CRASH, "the optimizer process hung up"),
        (LEAVES_A_THREAD, State.CRASH, "the optimizer process hung up"),
        (CLAIMS_A_CRASH, State.CRASH, "the optimizer process hung up"),
        (IGNORES_THE_LIMIT, State.TIMEOUT, "used up its CPU time"),
    ],
)
def test_what_a_host_does_itself_is_no_kill_from_outside(
    run: Run, body: str, state: State, reason: str
) -> None:
    """Otherwise it could have a run that it does not like measured again, by other numbers."""
    result = run(START + with_step(body), cpu_s=1.0, wall_s=300.0)
    assert (result.state, result.reason) == (state, reason)


def test_a_host_that_is_killed_is_said_to_be(launcher: Launcher) -> None:
    def kill(_: int) -> None:
        children = Path(f"/proc/{launcher.pid}/task/{launcher.pid}/children").read_text()
        for pid in map(int, children.split()):
            if Path(f"/proc/{pid}/comm").read_text().strip() == "ar-host":
                os.kill(pid, signal.SIGKILL)

    result = evaluate(
        Submission(GRADIENT_DESCENT),
        official_instance("random_teacher", "small"),
        launcher,
        procedure=Procedure(10),
        on_step=kill,
    )
    assert (result.state, result.reason) == (State.CRASH, KILLED)
