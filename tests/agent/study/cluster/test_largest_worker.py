"""A task that gets a worker to itself asks for no larger one than there is."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.study.cluster.connection import Cluster
from helpers.cluster import Here, StandIn
from helpers.sources import GRADIENT_DESCENT
from relay import Relay
from tracks.instance import official_instance
from tracks.procedure import Procedure
from tracks.submission import Submission

MINE = Submission(GRADIENT_DESCENT)
INSTANCE = official_instance("mqar", "tiny")
PATIENCE_S = 240.0
"""Longer than any machine needs; no test waits so long."""


@pytest.fixture
def here() -> Iterator[Here]:
    opened = Here()
    yield opened
    opened.close()


def test_a_task_that_takes_the_largest_worker_down_asks_for_the_next_one(
    here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.scheduler.allowed_failures = 0
    lost, stays, relay = StandIn(waits=True), StandIn(), Relay(here.address.text)
    here.worker(lost, slots=8, via=relay.address)
    counted = Cluster.slots

    def before_the_next_count(cluster: Cluster) -> list[int]:
        asked = any(key.endswith("-alone-8") for key in here.scheduler.tasks)
        return counted(cluster) if asked else [8]

    monkeypatch.setattr(Cluster, "slots", before_the_next_count)
    monkeypatch.setattr("agent.study.cluster.executor.CHECK_S", 0.1)
    with here.executor(tmp_path) as executor:
        future = executor.submit(MINE, INSTANCE, Procedure(10))
        assert lost.begun.wait(PATIENCE_S)
        here.worker(stays, slots=4)
        relay.cut()
        assert future.result(PATIENCE_S).complete
        while any(key.endswith("-alone-8") for key in here.scheduler.tasks):
            time.sleep(0.01)
    lost.going_on.set()
    assert len(stays.seen) == 1
    assert len(list(tmp_path.glob("*/*"))) == 1
