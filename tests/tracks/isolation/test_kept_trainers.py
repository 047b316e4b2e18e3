"""Trainers that are kept from one evaluation to the next, and when they are not."""

import os
import socket
import threading
from collections.abc import Sequence

import pytest

from tracks.fused import graph
from tracks.instance import OFFICIAL_SEEDS, official_instance
from tracks.isolation import trainer, wire
from tracks.isolation.limits import Limits
from tracks.isolation.protocol import Ended, Failed, Job, Role
from tracks.isolation.shared_tensors import SharedTensors
from tracks.isolation.workers import Workers
from tracks.procedure import Procedure
from tracks.registry import get_track


def test_a_trainer_that_ended_while_it_waited_gets_no_job() -> None:
    forked: list[int] = []
    ended: list[int] = []

    def fork(role: Role, descriptors: Sequence[int], *, output: bool = False) -> int:
        forked.append(os.dup(descriptors[0]))
        return len(forked)

    def end(pid: int, _: float) -> Ended:
        ended.append(pid)
        return Ended(0, 0)

    workers = Workers(fork, end, kept=True)
    first = workers.trainer("cuda:0")
    assert workers.give_back(first)
    assert workers.trainer("cuda:0") is first
    assert workers.give_back(first)
    os.close(forked[0])
    second = workers.trainer("cuda:0")
    assert (second.pid, ended) == (2, [1])
    second.close()
    os.close(forked[1])


def test_a_trainer_ends_once_a_recording_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """In such a process torch's allocator records for ever."""
    data = SharedTensors.like(get_track("mqar").data(OFFICIAL_SEEDS, "tiny"))
    data.tensors[-1].zero_()
    coordinator, orders = socket.socketpair()
    thread = threading.Thread(target=trainer.main, args=[[orders]], daemon=True)
    thread.start()
    instance, where = official_instance("mqar", "tiny"), ("cpu", "cpu")
    job = Job(instance, "", Procedure(80), *where, Limits(9.0), data.layout)
    failed = iter([False, True])
    monkeypatch.setattr(graph, "has_failed", lambda: next(failed))
    for _ in range(2):
        host, gone = socket.socketpair()
        gone.close()
        wire.send(coordinator, job, [os.dup(data.descriptor), host.detach()])
        wire.receive(coordinator, Failed)
    thread.join(5)
    assert not thread.is_alive()
    with pytest.raises(wire.PeerGoneError):
        wire.receive(coordinator, Failed)
    coordinator.close()
    data.hand_over()
