"""Whole studies with their ledger on a server: a network that is cut, a killed coordinator."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.study.storage_address import VARIABLE
from helpers.postgres import Server
from helpers.whole import PATIENCE_S, STUDY, Begin, beginning, wait_for
from relay import Relay

pytestmark = [pytest.mark.processes, pytest.mark.campaign, pytest.mark.timeout(1800)]
RESUME = ("run", "--resume", "s", "--jobs", "1")


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    with beginning(tmp_path) as begun:
        yield begun


def status(folder: Path) -> dict[str, Any]:
    words = [sys.executable, "-m", "agent", "status", "--json"]
    done = subprocess.run(words, cwd=folder, capture_output=True, check=True)
    (found,) = json.loads(done.stdout)["studies"]
    return dict(found)


def test_a_study_resumes_after_its_network_was_cut(
    begin: Begin, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = server.database()
    relay = Relay(f"tcp://127.0.0.1:{server.port}")
    through = address.replace(f"127.0.0.1:{server.port}", relay.address.partition("//")[2])
    monkeypatch.setenv(VARIABLE, through)
    study = begin("study", *STUDY, "--jobs", "1")
    wait_for("[2/6", said := tmp_path / "study" / "said", study)
    relay.cut()
    assert study.wait(PATIENCE_S) == 1
    *_, last = said.read_text().splitlines()
    # as a query or a lock notices it first
    assert "cannot be reached" in last or "connection that held the locks" in last
    assert "continue with: autoresearch run --resume s" in last
    monkeypatch.setenv(VARIABLE, address)
    assert begin("study", *RESUME).wait(PATIENCE_S) == 0, said.read_text()
    found = status(tmp_path / "study")
    assert (found["stage"], found["finished"]) == ("done", 6)


def test_a_study_goes_on_without_a_killed_coordinator(
    begin: Begin, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, server.database())
    # enough trials that some are left when the second has begun
    first = begin("study", *STUDY, "--jobs", "1", "--budget", "30")
    wait_for("[1/30", tmp_path / "study" / "said", first)
    second = begin("study", *RESUME, said="said2")
    wait_for("joining the search", said := tmp_path / "study" / "said2", second)
    first.kill()
    assert second.wait(PATIENCE_S) == 0, said.read_text()
    found = status(tmp_path / "study")
    assert (found["stage"], found["finished"]) == ("done", 30)
