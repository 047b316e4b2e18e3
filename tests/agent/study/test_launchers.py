"""Who shares a launcher, when a broken one is replaced, and what ends with it."""

import errno
import threading
from typing import Any

import pytest

from agent.study.bounds import Bounds
from agent.study.errors import MachineError
from agent.study.launchers import Launchers
from agent.study.measurer import Measurer
from agent.study.task import Task
from helpers.sources import GRADIENT_DESCENT
from tracks.instance import official_instance
from tracks.isolation.errors import EvaluationInterrupted
from tracks.procedure import Procedure
from tracks.submission import Submission

INSTANCE = official_instance("mqar", "tiny")
ON_A_GPU = Task(Submission(GRADIENT_DESCENT), INSTANCE, Procedure(1), "cuda", Bounds())


class StandIn:
    """A launcher under which nothing is evaluated."""

    def __init__(self, device: str = "cpu") -> None:
        self.broken = self.closed = False

    def close(self) -> None:
        self.closed = True


def test_a_broken_launcher_is_closed_once_nobody_shares_it() -> None:
    first = StandIn()
    launchers = Launchers(first, StandIn)  # type: ignore[arg-type]
    got: list[object] = []
    closed_before: list[bool] = []

    def other() -> None:
        with launchers.shared() as launcher:
            got.append(launcher)

    thread = threading.Thread(target=other)
    with launchers.shared():
        # as the request of another evaluation finds it
        first.broken = True
        thread.start()
        thread.join(0.2)
        closed_before.append(first.closed)
    thread.join()
    assert closed_before == [False]
    assert first.closed
    assert got != [first]


def test_closing_interrupts_who_waits_for_the_next_launcher() -> None:
    first = StandIn()
    launchers = Launchers(first, StandIn)  # type: ignore[arg-type]
    ends: list[type[BaseException]] = []

    def other() -> None:
        try:
            with launchers.shared():
                pass
        except EvaluationInterrupted as error:
            ends.append(type(error))

    with launchers.shared():
        first.broken = True
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(0.2)
        launchers.close()
        thread.join()
    assert ends == [EvaluationInterrupted]


def test_a_launcher_for_another_device_that_cannot_be_started_is_the_machines_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(device: str) -> Any:
        raise OSError(errno.EAGAIN, f"no process for {device}")

    monkeypatch.setattr("agent.study.measurer.PAUSE_S", 0.0)
    monkeypatch.setattr("agent.study.measurer.Launcher", refused)
    measurer = Measurer(StandIn(), ["cpu"])  # type: ignore[arg-type]
    with pytest.raises(MachineError, match="no process for cuda"):
        measurer.evaluate(ON_A_GPU)


def test_none_is_opened_for_another_device_once_all_are_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("agent.study.measurer.Launcher", opened.append)
    measurer = Measurer(StandIn(), ["cpu"])  # type: ignore[arg-type]
    measurer.close()
    with pytest.raises(EvaluationInterrupted):
        measurer.evaluate(ON_A_GPU)
    assert opened == []
