"""The expected time of a study: what it grows with, and what a baseline does not have."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest

from agent.search import estimate as estimating
from agent.search.estimate import Estimate, estimate
from agent.study.settings import Settings
from tracks.base import Proxy
from tracks.evaluation import Evaluation, State

FULL = Settings("mqar", "steps", 50, 0, 13, "full")


def estimate_from(settings: Settings, jobs: int, run_s: float) -> Estimate:
    return estimating.estimate_from(settings, jobs, run_s, ablates=True)


def test_it_grows_with_the_work_and_shrinks_with_the_jobs() -> None:
    one, two = (estimate_from(FULL, jobs, 10.0) for jobs in (1, 2))
    assert one.search_s == 50 * 10.0
    assert one.verdict_s == 2 * 13 * 10.0
    assert one.ablation_s > one.verdict_s, "the simplified optimizer has a verdict too"
    assert two.search_s == pytest.approx(one.search_s / 2)
    assert two.later_s == pytest.approx(one.later_s / 2)
    assert str(one) == (
        "expected here (1 at a time): search 8 min, verdict up to 4 min, "
        f"ablation up to {one.ablation_s / 60:.0f} min (adamw takes 10.0 s a run)"
    )


def test_a_ladder_saves_full_runs() -> None:
    ladder = (Proxy("half", 0.5),)
    climbing = replace(FULL, ladder=ladder, sampler="random")
    saved = estimate_from(climbing, 1, 10.0)
    assert 50 * 5.0 < saved.search_s < 50 * 10.0
    refined = estimate_from(replace(climbing, sampler="forest"), 1, 10.0)
    assert saved.search_s < refined.search_s < 50 * 10.0, "refinements skip the ladder"
    screened = estimate_from(replace(climbing, sampler="forest", screen=8), 1, 10.0)
    assert refined.search_s < screened.search_s


def test_a_refinement_takes_a_run_at_the_screen() -> None:
    """Half of the trials are refinements here, the others have as many as are screened."""
    none, eight, sixteen = (
        estimate_from(replace(FULL, ladder=(Proxy("half", 0.5),), sampler="forest", screen=n), 1, 1)
        for n in (0, 8, 16)
    )
    screened = sixteen.search_s - eight.search_s
    assert eight.search_s - none.search_s == pytest.approx(screened * (8 + 1) / 8)


def test_a_baseline_has_no_verdict() -> None:
    tuned = estimate_from(replace(FULL, tuned="adamw"), 1, 10.0)
    assert tuned.later_s == 0
    assert "verdict" not in str(tuned)


def test_an_ablation_that_is_not_wanted_takes_no_time() -> None:
    whole = estimate_from(FULL, 1, 10.0)
    without = estimating.estimate_from(FULL, 1, 10.0, ablates=False)
    assert without.later_s == whole.verdict_s
    assert str(without) == (
        "expected here (1 at a time): search 8 min, verdict up to 4 min (adamw takes 10.0 s a run)"
    )


class Slow:
    """An executor whose runs begin late, and then do 100 steps a second."""

    jobs = 1

    def submit(self, *task: Any) -> Future[Evaluation]:
        on_step: Callable[[int], None] = task[3]

        def run() -> None:
            on_step(0)
            time.sleep(0.5)
            for step in range(4, 400, 4):
                on_step(step)
                time.sleep(0.04)

        threading.Thread(target=run, daemon=True).start()
        return Future()


def test_the_time_until_the_first_step_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimating, "PATIENCE_S", 0.4)
    executor: Any = Slow()
    expected = estimate(FULL, executor, ablates=True)
    assert expected is not None
    assert 4.0 < expected.run_s < 12.0, "400 steps at a hundredth of a second, not at a tenth"


class BeginsAgain:
    """Its evaluation begins again on another worker, and then ends."""

    jobs = 1

    def submit(
        self, submission: object, instance: Any, procedure: Any, on_step: Any, device: str
    ) -> "Future[Evaluation]":
        for step in (0, 4, 0, 4):
            on_step(step)
        future: Future[Evaluation] = Future()
        future.set_result(
            Evaluation(
                instance,
                State.COMPLETE,
                procedure,
                curve=((0, 0.1), (400, 0.2)),
                training_wall_time_s=8.0,
            )
        )
        return future


def test_steps_of_a_run_that_begins_again_are_not_compared_with_those_before() -> None:
    executor: Any = BeginsAgain()
    expected = estimate(FULL, executor, ablates=True)
    assert expected is not None
    assert expected.run_s == 8.0
