"""Evaluations on real schedulers and workers: equal bits, lost workers, lost schedulers."""

import pickle
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from agent.study.bounds import Bounds
from agent.study.cluster.connection import Cluster
from agent.study.errors import MachineError, UserError
from agent.study.evaluation_store import EvaluationStore
from agent.study.local_executor import LocalExecutor
from agent.study.measurer import Measurer
from agent.study.task import Task
from helpers import Call
from helpers.cluster import Here, StandIn, certificates
from helpers.sources import GRADIENT_DESCENT
from relay import Relay
from tracks.evaluation import Evaluation, State
from tracks.instance import official_instance
from tracks.isolation.launcher import Launcher
from tracks.procedure import Procedure
from tracks.submission import Submission
from tracks.track_file import TrackError

MINE, INSTANCE, PROCEDURE = (
    Submission(GRADIENT_DESCENT),
    official_instance("mqar", "tiny"),
    Procedure(10),
)
PATIENCE_S = 240.0
"""Longer than any machine needs; no test waits so long."""
OTHER = Submission(f"{GRADIENT_DESCENT}\n")


@pytest.fixture
def here() -> Iterator[Here]:
    opened = Here()
    yield opened
    opened.close()


class Kept(Measurer):
    """With the session's launcher, which stays open."""

    def close(self) -> None: ...


def test_results_are_those_of_this_machine_to_the_bit(
    here: Here, launcher: Launcher, tmp_path: Path
) -> None:
    here.worker(Kept(launcher, ["cpu"]))
    local = LocalExecutor(launcher, 1, EvaluationStore(tmp_path / "local"))
    expected = local.submit(MINE, INSTANCE, PROCEDURE).result()
    with here.executor(tmp_path / "dask") as executor:
        assert executor.jobs == 2
        found = executor.submit(MINE, INSTANCE, PROCEDURE).result(PATIENCE_S)
        assert found.complete, found.reason
        assert executor.submit(MINE, INSTANCE, PROCEDURE).done()
    same = {"duration_s": 0.0, "training_wall_time_s": 0.0, "memory_mb": {}}
    assert repr(replace(found, **same)) == repr(replace(expected, **same))
    kept = [{file.name for file in tmp_path.glob(f"{name}/*/*")} for name in ("local", "dask")]
    assert kept[0] == kept[1] != set()


def test_two_coordinators_share_an_evaluation(here: Here, tmp_path: Path) -> None:
    standing_in = StandIn(waits=True)
    here.worker(standing_in)
    with here.executor(tmp_path / "1") as one, here.executor(tmp_path / "2") as two:
        futures = [each.submit(MINE, INSTANCE, PROCEDURE) for each in (one, two)]
        while [len(task.who_wants) for task in here.scheduler.tasks.values()] != [2]:
            time.sleep(0.01)
        standing_in.going_on.set()
        assert [future.result(PATIENCE_S).complete for future in futures] == [True, True]
    assert len(standing_in.seen) == 1
    assert [len(list(tmp_path.glob(f"{name}/*/*"))) for name in "12"] == [1, 1]


def test_what_another_coordinator_wants_is_not_cancelled(here: Here, tmp_path: Path) -> None:
    standing_in = StandIn(waits=True)
    here.worker(standing_in)
    with here.executor(tmp_path / "1") as stays:
        with here.executor(tmp_path / "2") as leaves:
            future = stays.submit(MINE, INSTANCE, PROCEDURE)
            leaves.submit(MINE, INSTANCE, PROCEDURE)
            while [len(task.who_wants) for task in here.scheduler.tasks.values()] != [2]:
                time.sleep(0.01)
        standing_in.going_on.set()
        assert future.result(PATIENCE_S).complete
    assert len(standing_in.seen) == 1


@pytest.mark.processes
def test_the_task_of_a_killed_worker_runs_elsewhere(here: Here, tmp_path: Path) -> None:
    with here.process() as worker, here.executor(tmp_path) as executor:
        future = executor.submit(MINE, INSTANCE, PROCEDURE)
        assert worker.stdout
        assert worker.stdout.readline() == "begun\n"
        listening = [one for one in psutil.Process(worker.pid).net_connections() if not one.raddr]
        assert {one.laddr.ip for one in listening} == {"127.0.0.1"}
        here.worker(StandIn())
        worker.kill()
        assert future.result(PATIENCE_S).complete


def test_a_task_that_takes_its_workers_down_is_a_crash(here: Here, tmp_path: Path) -> None:
    here.scheduler.allowed_failures = 0
    standing_in, relay = StandIn(waits=True), Relay(here.address.text)
    here.worker(standing_in, slots=1, via=relay.address)
    with here.executor(tmp_path) as executor:
        future = executor.submit(MINE, INSTANCE, PROCEDURE)
        assert standing_in.begun.wait(PATIENCE_S)
        relay.cut()
        ended = future.result(PATIENCE_S)
    assert ended.state is State.CRASH
    assert ended.reason == "workers that were lost while they ran it: 1, one after another"
    assert list(tmp_path.glob("*/*")) == []


def test_a_task_beside_it_is_measured_on_a_worker_of_its_own(here: Here, tmp_path: Path) -> None:
    here.scheduler.allowed_failures = 0
    lost, relay = StandIn(waits=True), Relay(here.address.text)
    here.worker(lost, via=relay.address)
    with here.executor(tmp_path) as executor:
        futures = [executor.submit(each, INSTANCE, PROCEDURE) for each in (MINE, OTHER)]
        while len(lost.seen) < 2:
            time.sleep(0.01)
        relay.cut()
        here.worker(StandIn())
        assert all(future.result(PATIENCE_S).complete for future in futures)
    assert len(list(tmp_path.glob("*/*"))) == 2


def test_a_lost_scheduler_is_one_line_and_ends_nothing_that_is_kept(
    here: Here, tmp_path: Path
) -> None:
    standing_in = StandIn()
    here.worker(standing_in)
    with here.executor(tmp_path) as executor:
        assert executor.submit(MINE, INSTANCE, PROCEDURE).result(PATIENCE_S).complete
        standing_in.going_on.clear()
        future = executor.submit(OTHER, INSTANCE, PROCEDURE)
        here.close_scheduler()
        with pytest.raises(MachineError, match=r"the connection to scheduler .* is lost"):
            future.result(PATIENCE_S)
        assert executor.submit(MINE, INSTANCE, PROCEDURE).result(PATIENCE_S).complete


def test_a_track_that_a_worker_does_not_have_is_named_with_the_worker(
    here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> None:
        raise TrackError("waves.py: there is no such Python file")

    monkeypatch.setattr("agent.study.cluster.worker.require_loaded", missing)
    worker = here.worker(StandIn())
    with here.executor(tmp_path) as executor:
        future = executor.submit(MINE, INSTANCE, PROCEDURE)
        with pytest.raises(TrackError, match=rf"worker {worker.address}: waves\.py: there is no"):
            future.result(PATIENCE_S)


def test_leaving_ends_what_runs_on_the_workers(
    here: Here, launcher: Launcher, tmp_path: Path
) -> None:
    ended = threading.Event()

    class Watched(StandIn):
        def evaluate(self, task: Task) -> Evaluation:
            assert task.on_step
            self.begun.set()
            try:
                while True:
                    task.on_step(1)
            finally:
                ended.set()

    watched = Watched()
    here.worker(watched)
    with here.executor(tmp_path) as executor:
        executor.submit(MINE, INSTANCE, PROCEDURE)
        assert watched.begun.wait(PATIENCE_S)
    assert ended.wait(PATIENCE_S)


def test_workers_of_other_versions_are_refused_in_words(here: Here) -> None:
    old = here.worker(StandIn(), machine=replace(here.machine, torch="2.0"))
    with pytest.raises(UserError) as error:
        Cluster(here.address, print)
    said = f"worker {old.address} has torch 2.0, not {here.machine.torch} as here"
    assert said in str(error.value)


def test_a_worker_of_another_version_that_comes_later_gets_nothing(
    here: Here, tmp_path: Path
) -> None:
    good, other = StandIn(), StandIn()
    here.worker(good, slots=1)
    with here.executor(tmp_path) as executor:
        here.worker(other, slots=4, machine=replace(here.machine, torch="2.0"))
        futures = [executor.submit(each, INSTANCE, PROCEDURE) for each in (MINE, OTHER)]
        assert all(future.result(PATIENCE_S).complete for future in futures)
    assert (len(good.seen), other.seen) == (2, [])


def test_workers_that_differ_are_refused_in_words(here: Here) -> None:
    here.worker(StandIn())
    here.worker(StandIn(), machine=replace(here.machine, processor="another"))
    with pytest.raises(UserError, match="and results of such machines do not compare"):
        Cluster(here.address, print)


def test_a_worker_of_dask_alone_is_refused_in_words(here: Here) -> None:
    here.plain_worker()
    with pytest.raises(UserError, match="was not started by autoresearch"):
        Cluster(here.address, print)


def test_certificates_are_required_where_there_are_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secured = Here(certificates(tmp_path / "tls"))
    try:
        secured.worker(StandIn())
        assert secured.address.text.startswith("tls://")
        with secured.executor(tmp_path / "kept") as executor:
            assert executor.submit(MINE, INSTANCE, PROCEDURE).result(PATIENCE_S).complete
        strange = replace(secured.address, tls=certificates(tmp_path / "strange"))
        monkeypatch.setattr("agent.study.cluster.connection.CONNECT_S", 0.5)
        with pytest.raises(UserError, match="or use certificates of its authority"):
            Cluster(strange, print)
    finally:
        secured.close()


def test_what_travels_is_the_source_and_little_more() -> None:
    task = Task(MINE, INSTANCE, PROCEDURE, "cpu", Bounds())
    assert len(pickle.dumps(task)) < len(MINE.source) + 1000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--executor", "dask"), "--executor dask needs --scheduler"),
        (("--scheduler", "lab-1"), "scheduler 'lab-1': expected tcp://HOST:PORT"),
        (("--scheduler", "tcp://a:1", "--jobs", "2"), "--jobs is for this machine"),
        (("--scheduler", "tls://a:1", "--tls", "nowhere"), "there is no ca.pem in it"),
        (("--scheduler", "tls://a:1"), "no certificates; give --tls FOLDER"),
        (("--scheduler", "tcp://127.0.0.1:9"), "no scheduler answers at tcp://127.0.0.1:9"),
    ],
)
def test_bad_addresses_are_one_line(
    call: Call, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.setattr("agent.study.cluster.connection.CONNECT_S", 0.1)
    status, out, error = call("run", "--track", "mqar", "--budget", "1", *words)
    assert (status, out) == (2, "")
    assert said in error
    assert error.count("\n") == 1


def test_without_the_package_its_extra_is_named(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    for words in (("run", "--track", "mqar"), ("worker",)):
        status, _, error = call(*words, "--scheduler", "tcp://127.0.0.1:9")
        assert status == 2
        assert "pip install 'autoresearch[cluster]'" in error
