"""Whole studies on schedulers and workers that are processes, killed and restarted meanwhile."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.whole import PATIENCE_S, STUDY, Begin, beginning, curves, wait_for

pytest.importorskip("distributed", reason="no cluster is tested: pip install -e '.[cluster]'")
pytestmark = [pytest.mark.processes, pytest.mark.campaign, pytest.mark.timeout(1800)]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    with beginning(tmp_path) as begun:
        yield begun


@pytest.fixture
def address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"tcp://127.0.0.1:{free.getsockname()[1]}"


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
