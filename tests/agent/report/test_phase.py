"""How long a phase will take: by its pace so far, and by the estimate made before it."""

import time

import pytest

from agent.report.phase import Phase


def left(phase: Phase, monkeypatch: pytest.MonkeyPatch, *, after_s: float) -> float | None:
    monkeypatch.setattr(time, "monotonic", lambda: phase.began + after_s)
    return phase.seconds_left()


def test_without_an_estimate_the_pace_so_far_is_all(monkeypatch: pytest.MonkeyPatch) -> None:
    assert left(Phase("searching", 50), monkeypatch, after_s=60) is None
    assert left(Phase("searching", 50, 10), monkeypatch, after_s=60) == pytest.approx(240)


def test_slow_first_trials_change_an_estimate_little(monkeypatch: pytest.MonkeyPatch) -> None:
    assert left(Phase("searching", 50, expected_s=2400), monkeypatch, after_s=0) == 2400
    early = left(Phase("searching", 50, 2, expected_s=2400), monkeypatch, after_s=360)
    assert early == pytest.approx(3360)  # by the pace alone it would be 8640


def test_late_in_a_phase_its_pace_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    late = left(Phase("searching", 50, 40, expected_s=600), monkeypatch, after_s=4000)
    assert late == pytest.approx(0.2 * 4120)  # by the pace alone it would be 1000


def test_a_resumed_phase_counts_its_own_work_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    resumed = Phase("searching", 50, 40, before=30)
    assert left(resumed, monkeypatch, after_s=100) == pytest.approx(100)
