"""Time limits that follow what adamw takes here and now."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.study.bounds import Bounds
from agent.study.evaluation_store import EvaluationStore
from agent.study.known_good import CALIBRATION_S, seconds_of
from agent.study.local_executor import LocalExecutor
from agent.study.time_limits import TimeLimits
from helpers import Run, sources
from helpers.sources import with_step
from tracks.evaluation import Evaluation, State
from tracks.instance import official_instance
from tracks.isolation.evaluate import evaluate
from tracks.isolation.launcher import Launcher
from tracks.isolation.limits import LONGEST_S, Limits
from tracks.procedure import Procedure
from tracks.registry import get_track
from tracks.submission import Submission

INSTANCE, PROCEDURE = official_instance("mqar", "small"), Procedure(1)
SLOWDOWN = get_track("mqar").max_slowdown


class Clock:
    """What adamw takes, one number a calibration."""

    def __init__(self, *seconds: float) -> None:
        self.seconds = list(seconds)

    def __call__(self) -> float:
        return self.seconds.pop(0)


def test_a_limit_grows_with_what_adamw_takes_now() -> None:
    limits, clock = TimeLimits(), Clock(2.0, 5.0, 5.2)
    first = limits.extended(INSTANCE, PROCEDURE, 60.0, clock)
    assert first == 2.0 * SLOWDOWN
    assert limits.extended(INSTANCE, PROCEDURE, first, clock) == 5.0 * SLOWDOWN, "busier by now"
    assert limits.extended(INSTANCE, PROCEDURE, 5.0 * SLOWDOWN, clock) == 5.0 * SLOWDOWN, "a hang"
    assert not clock.seconds


def test_a_calibration_serves_until_it_does_not_help() -> None:
    limits, clock = TimeLimits(), Clock(2.0)
    for _ in range(3):
        assert limits.extended(INSTANCE, PROCEDURE, 60.0, clock) == 2.0 * SLOWDOWN
    other = Procedure(1, "fused")
    assert limits.extended(INSTANCE, other, 60.0, Clock(1.0)) == 1.0 * SLOWDOWN


def test_a_hang_ends_on_any_machine() -> None:
    limits = TimeLimits()
    assert limits.extended(INSTANCE, PROCEDURE, 60.0, Clock(0.1)) == 60.0, "the floor"
    assert limits.extended(INSTANCE, PROCEDURE, 60.0, Clock(1e9)) == LONGEST_S
    assert limits.extended(INSTANCE, PROCEDURE, LONGEST_S, Clock(1e9)) == LONGEST_S
    assert limits.extended(INSTANCE, Procedure(1, "fused"), 60.0, Clock(0.0)) == 60.0, "it failed"


@pytest.mark.parametrize(
    ("state", "reported", "expected"),
    [
        (State.COMPLETE, [40, 80], 7.0),
        (State.TIMEOUT, [20, 40], 2 * CALIBRATION_S),
        (State.TIMEOUT, [], 100 * CALIBRATION_S),
        (State.CRASH, [40], 0.0),
    ],
)
def test_a_calibration_needs_no_whole_run(
    state: State, reported: list[int], expected: float
) -> None:
    def run(wall_s: float, on_step: Callable[[int], None]) -> Evaluation:
        assert wall_s == CALIBRATION_S
        for step in reported:
            on_step(step)
        return Evaluation(INSTANCE, state, PROCEDURE, duration_s=7.0)

    assert seconds_of(run, max_steps=80) == expected


def test_a_run_goes_on_where_its_limit_is_extended(launcher: Launcher) -> None:
    asked: list[float] = []

    def more_time(limit_s: float) -> float:
        asked.append(limit_s)
        return 600.0

    slow = Submission(with_step("import time; time.sleep(0.01)"))
    limits = Limits(0.05, cpu_s=60.0)
    ended = evaluate(
        slow, INSTANCE, launcher, procedure=Procedure(40), limits=limits, more_time=more_time
    )
    assert ended.complete, ended.reason
    assert asked == [0.05]


def test_a_run_ends_where_its_limit_stays(launcher: Launcher) -> None:
    hanging = Submission(with_step("import time; time.sleep(600)"))
    ended = evaluate(
        hanging,
        INSTANCE,
        launcher,
        procedure=Procedure(40),
        limits=Limits(0.5),
        more_time=lambda limit_s: limit_s,
    )
    assert ended.state is State.TIMEOUT
    assert ended.reason.startswith("over 0.5 s of wall-clock time")


def test_cpu_time_is_never_shorter_than_the_clock(run: Run) -> None:
    body = "import resource; print(resource.getrlimit(resource.RLIMIT_CPU)); raise SystemExit"
    assert "(60, 61)" in run(with_step(body)).log
    longest = round(LONGEST_S)
    assert f"({longest}, {longest + 1})" in run(with_step(body), cpu_s=LONGEST_S).log


@pytest.mark.parametrize("wall_s", [None, 7.0])
def test_a_limit_that_was_given_stays_fixed(
    monkeypatch: pytest.MonkeyPatch, launcher: Launcher, tmp_path: Path, wall_s: float | None
) -> None:
    seen: dict[str, Any] = {}

    def fake(submission: Submission, *_: Any, **given: Any) -> Evaluation:
        seen.update(given)
        return Evaluation(INSTANCE, State.CRASH, PROCEDURE)

    monkeypatch.setattr("agent.study.measurer.evaluate", fake)
    executor = LocalExecutor(launcher, 1, EvaluationStore(tmp_path), Bounds(wall_s))
    executor.submit(Submission(sources.SGD), INSTANCE, PROCEDURE).result()
    limits: Limits = seen["limits"]
    if wall_s:
        assert (limits.wall_s, limits.cpu_s, seen["more_time"]) == (7.0, None, None)
    else:
        assert (limits.wall_s, limits.cpu_s) == (get_track("mqar").time_limit_s, LONGEST_S)
        assert seen["more_time"]


def test_the_executor_calibrates_with_adamw_beside_the_run(
    monkeypatch: pytest.MonkeyPatch, launcher: Launcher
) -> None:
    seen: list[tuple[str, str, Procedure]] = []

    def fake(
        submission: Submission, instance: Any, *_: Any, procedure: Procedure, **given: Any
    ) -> Evaluation:
        seen.append((submission.name, instance.scale, procedure))
        if given.get("more_time"):
            assert given["more_time"](60.0) == 3.0 * SLOWDOWN
        return Evaluation(instance, State.COMPLETE, procedure, duration_s=3.0)

    monkeypatch.setattr("agent.study.measurer.evaluate", fake)
    procedure = Procedure(1, "fused", stop_at_target=True)
    LocalExecutor(launcher, 1, None).submit(Submission("x"), INSTANCE, procedure).result()
    assert seen[1] == ("adamw", "small", Procedure(1, "fused"))


@pytest.mark.parametrize(
    ("seconds_a_step", "slowdown", "expected"),
    [(0.01, 1e4, State.COMPLETE), (600.0, 0.5, State.TIMEOUT)],
)
def test_a_slow_run_goes_on_and_a_hang_ends(
    monkeypatch: pytest.MonkeyPatch,
    launcher: Launcher,
    seconds_a_step: float,
    slowdown: float,
    expected: State,
) -> None:
    monkeypatch.setattr(type(get_track("mqar")), "time_limit_s", 0.05)
    monkeypatch.setattr(type(get_track("mqar")), "max_slowdown", slowdown)
    waiting = Submission(with_step(f"import time; time.sleep({seconds_a_step})"))
    executor = LocalExecutor(launcher, 1, None)
    assert executor.submit(waiting, INSTANCE, Procedure(40)).result().state is expected
