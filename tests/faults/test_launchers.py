"""The zygote dies with its coordinator, not with a thread, and who suspends it condemns nobody."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from agent.study.local_executor import LocalExecutor
from helpers import ROOT, sources
from tracks.evaluation import Evaluation, State
from tracks.instance import official_instance
from tracks.isolation import data_cache
from tracks.isolation.errors import HarnessError
from tracks.isolation.evaluate import evaluate
from tracks.isolation.launcher import Launcher
from tracks.isolation.limits import Limits, is_stopped
from tracks.procedure import Procedure
from tracks.submission import Submission

pytestmark = pytest.mark.processes

INSTANCE = official_instance("mqar", "small")
HONEST = Submission(sources.GRADIENT_DESCENT)
COORDINATOR = """
import pathlib, sys, time
from tracks.isolation import launcher
launcher.SOURCE = pathlib.Path(sys.argv[1])
print(launcher.Launcher().pid, flush=True)
time.sleep(600)
"""


def test_a_launcher_of_a_thread_that_has_ended_works() -> None:
    made: list[Launcher] = []
    thread = threading.Thread(target=lambda: made.append(Launcher()))
    thread.start()
    thread.join()
    time.sleep(0.2)
    with made[0] as launcher:
        assert evaluate(HONEST, INSTANCE, launcher, procedure=Procedure(40)).complete


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_the_zygote_dies_with_the_coordinator_while_it_imports_torch(tmp_path: Path) -> None:
    (tmp_path / "tracks").symlink_to(ROOT / "tracks")
    imported = tmp_path / "importing"
    (tmp_path / "torch.py").write_text(
        f"import pathlib, time; pathlib.Path({str(imported)!r}).touch(); time.sleep(600)"
    )
    command = [sys.executable, "-c", COORDINATOR, str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as coordinator:
        assert coordinator.stdout
        zygote = psutil.Process(int(coordinator.stdout.readline()))
        while not imported.exists():
            assert zygote.is_running()
            time.sleep(0.01)
        coordinator.kill()
    assert not psutil.wait_procs([zygote], timeout=20)[1]


def test_a_zygote_that_is_killed_twice_condemns_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.study.measurer.PAUSE_S", 0.0)
    opened: list[int] = []
    kills: list[int] = []

    class Known(Launcher):
        def __init__(self, device: str = "cpu") -> None:
            super().__init__(device)
            opened.append(self.pid)

    monkeypatch.setattr("agent.study.measurer.Launcher", Known)
    with Known() as first, LocalExecutor(first, 1, None) as executor:

        def kill(step: int) -> None:
            if step and opened[-1] not in kills and len(kills) < 2:
                os.kill(opened[-1], signal.SIGKILL)
                kills.append(opened[-1])

        ended = executor.submit(HONEST, INSTANCE, Procedure(40), kill).result()
    assert len(set(kills)) == 2
    assert ended.complete, ended.reason


def suspended(kind: str, launcher: Launcher) -> Evaluation:
    """An evaluation one of whose processes is suspended while it runs."""
    stopped: list[int] = []

    def stop(step: int) -> None:
        for child in psutil.Process(launcher.pid).children():
            name = Path(f"/proc/{child.pid}/comm").read_text().strip()
            if step and name == f"ar-{kind}" and not stopped:
                child.send_signal(signal.SIGSTOP)
                stopped.append(child.pid)
                while not is_stopped(child.pid):
                    time.sleep(0.01)

    # on a busy machine a run may reach its limit before its first step
    for wall_s in (3.0, 12.0, 48.0):
        limits = Limits(wall_s)
        ended = evaluate(
            HONEST, INSTANCE, launcher, procedure=Procedure(1), limits=limits, on_step=stop
        )
        if stopped:
            return ended
    raise AssertionError(f"never reached its first step: {ended.reason}")


@pytest.mark.campaign
def test_a_suspended_host_is_a_timeout() -> None:
    with Launcher() as launcher:
        assert suspended("host", launcher).state is State.TIMEOUT


def test_a_suspended_trainer_is_no_fault_of_the_submission() -> None:
    with Launcher() as launcher, pytest.raises(HarnessError, match="suspended from outside"):
        suspended("trainer", launcher)


def test_a_suspended_builder_does_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_cache, "CHECK_S", 0.2)

    class Suspending(Launcher):
        def fork(self, role: str, descriptors: Sequence[int], *, output: bool = False) -> int:
            pid = super().fork(role, descriptors, output=output)
            if role == "data":
                os.kill(pid, signal.SIGSTOP)
            return pid

    with (
        Suspending() as launcher,
        pytest.raises(HarnessError, match="suspended from outside"),
    ):
        evaluate(HONEST, INSTANCE, launcher, procedure=Procedure(40))


@pytest.mark.campaign
def test_a_suspended_zygote_does_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracks.isolation.launcher.ANSWER_S", 5.0)
    with Launcher() as launcher:
        assert evaluate(HONEST, INSTANCE, launcher, procedure=Procedure(40)).complete
        os.kill(launcher.pid, signal.SIGSTOP)
        with pytest.raises(HarnessError, match="zygote"):
            evaluate(HONEST, INSTANCE, launcher, procedure=Procedure(40))
        assert launcher.broken
