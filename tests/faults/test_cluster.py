"""Whole studies on schedulers and workers that are processes, killed and restarted meanwhile."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from helpers import ROOT

pytest.importorskip("distributed", reason="no cluster is tested: pip install -e '.[cluster]'")
pytestmark = [pytest.mark.processes, pytest.mark.campaign, pytest.mark.timeout(1800)]

# nothing is better by so much, so the stages after the verdict are left out
SHORT = ("--no-recipes", "--no-transfer", "--no-ablation", "--no-commit", "--min-effect", "1000")
STUDY = ("run", "--track", "mqar", "--scale", "small", "--budget", "6", "--study", "s", *SHORT)
PATIENCE_S = 600.0
Begin = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Begins a verb in a folder of this name."""
    with ExitStack() as stack:

        def begun(folder: str, *words: str) -> "subprocess.Popen[str]":
            (tmp_path / folder / "submissions").mkdir(parents=True, exist_ok=True)
            started = subprocess.Popen(
                [sys.executable, "-m", "agent", *words],
                cwd=tmp_path / folder,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdout=subprocess.DEVNULL,
                stderr=stack.enter_context((tmp_path / folder / "said").open("w")),
                text=True,
            )
            stack.callback(started.wait)
            stack.callback(started.kill)
            return started

        yield begun


@pytest.fixture
def address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"tcp://127.0.0.1:{free.getsockname()[1]}"


def wait_for(text: str, file: Path, process: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + PATIENCE_S
    while text not in file.read_text():
        assert process.poll() is None, file.read_text()
        assert time.monotonic() < until, file.read_text()
        time.sleep(0.05)


def curves(folder: Path) -> list[str]:
    return [file.read_text() for file in sorted(folder.glob("runs/s/trials/*/curve.csv"))]


def test_a_study_goes_on_without_a_killed_worker(
    begin: Begin, address: str, tmp_path: Path
) -> None:
    begin("scheduler", "worker", "--scheduler", address, "--with-scheduler", "--jobs", "0")
    workers = [begin(n, "worker", "--scheduler", address, "--jobs", "1") for n in ("a", "b")]
    study = begin("study", *STUDY, "--scheduler", address)
    wait_for("[1/6", tmp_path / "study" / "said", study)
    workers[0].kill()
    assert study.wait(PATIENCE_S) == 0, (tmp_path / "study" / "said").read_text()
    alone = begin("local", *STUDY, "--jobs", "1")
    assert alone.wait(PATIENCE_S) == 0
    # with several at once the sampler may have seen fewer trials
    local, ours = curves(tmp_path / "local"), curves(tmp_path / "study")
    assert len(ours) == len(local) == 6
    assert ours[0] == local[0]


def test_a_study_resumes_after_its_scheduler(begin: Begin, address: str, tmp_path: Path) -> None:
    serving = ("worker", "--scheduler", address, "--with-scheduler", "--jobs", "0")
    scheduler = begin("scheduler", *serving)
    worker = begin("a", "worker", "--scheduler", address, "--jobs", "1")
    study = begin("study", *STUDY, "--scheduler", address)
    wait_for("[2/6", said := tmp_path / "study" / "said", study)
    scheduler.kill()
    assert study.wait(PATIENCE_S) == 1
    assert "is lost; what is finished is kept; continue with: autoresearch run --resume s" in (
        said.read_text()
    )
    begin("scheduler", *serving)
    again = begin("study", "run", "--resume", "s", "--scheduler", address)
    assert again.wait(PATIENCE_S) == 0, said.read_text()
    assert worker.poll() is None
    assert len(curves(tmp_path / "study")) == 6
    worker.send_signal(signal.SIGINT)
    assert worker.wait(60) == 130
