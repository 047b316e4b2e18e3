"""Who shares a launcher, when a broken one is replaced, and what ends with it."""

import threading

from agent.study.launchers import Launchers
from tracks.isolation.errors import EvaluationInterrupted


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
