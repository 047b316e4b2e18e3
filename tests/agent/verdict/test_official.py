"""What is published has an exact run on the official instance, and is refused where that fails."""

from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.judge import Options
from agent.verdict.alpha import TOTAL, AlphaLedger, share
from agent.verdict.comparison import Bench
from agent.verdict.official import OfficialRuns
from agent.verdict.verdict import Pair, Scores, Verdict
from helpers.studies import SETTINGS, run
from helpers.verdicts import verdict
from helpers.views import Recorder
from tracks.evaluation import Evaluation, State
from tracks.instance import Instance, official_instance
from tracks.isolation.launcher import Launcher
from tracks.procedure import Procedure
from tracks.submission import Submission

ACCEPTED = verdict()
BREAKS_LATE = '''
import torch


class Submission(torch.optim.Optimizer):
    """Adam that reaches the target in a quarter of the run, and breaks at its end."""

    def __init__(self, params, lr=0.2, whole=False):
        super().__init__(params, {"lr": lr if whole else 0.9 * lr})
        self.steps = 0

    @torch.no_grad()
    def step(self, closure=None):
        self.steps += 1
        if self.steps == 80:
            raise ValueError("too long")
        for group in self.param_groups:
            for p in group["params"]:
                second = self.state[p].setdefault("second", torch.zeros_like(p))
                second.mul_(0.9).addcmul_(p.grad, p.grad, value=0.1)
                p.sub_(p.grad / (second.sqrt() + 1e-8), alpha=group["lr"])
'''


class Measuring:
    """An executor whose evaluations end in a given state, at the target after some steps."""

    def __init__(self, state: State, steps: int) -> None:
        self.state, self.steps = state, steps
        self.asked: list[tuple[Instance, Procedure]] = []

    def submit(
        self, submission: Submission, instance: Instance, procedure: Procedure, *, device: str
    ) -> Future[Evaluation]:
        self.asked.append((instance, procedure))
        future: Future[Evaluation] = Future()
        curve = ((0, 0.1), (self.steps, 0.995))
        future.set_result(
            Evaluation(instance, self.state, procedure, reason="no memory left", curve=curve)
        )
        return future


def published(
    state: State, before: Verdict, steps: int = 30, alpha: AlphaLedger | None = None
) -> tuple[Verdict, Measuring]:
    executor: Any = Measuring(state, steps)
    runs = OfficialRuns(Bench(SETTINGS, executor, Recorder()))
    return runs.publishable(before, Submission("x = 1"), alpha or AlphaLedger()), executor


def test_an_acceptance_stands_where_the_exact_run_completes() -> None:
    after, executor = published(State.COMPLETE, ACCEPTED)
    assert after == ACCEPTED
    ((instance, procedure),) = executor.asked
    assert instance.official
    assert (procedure.trainer, procedure.stop_at_target) == ("exact", False)


def test_a_refusal_waits_for_no_run() -> None:
    refused = verdict(accepted=False, reason="worse")
    after, executor = published(State.COMPLETE, refused)
    assert (after, executor.asked) == (refused, [])


def test_what_fails_in_the_exact_run_is_refused() -> None:
    after, _ = published(State.MEMORY, ACCEPTED)
    failed = "the challenger failed in the exact run on the official instance: memory: no memory"
    assert not after.accepted
    assert after.reason.startswith(failed)


@pytest.mark.parametrize("state", [State.COMPLETE, State.MEMORY])
def test_a_refusal_by_the_exact_run_passes_no_level_on(state: State) -> None:
    alpha = AlphaLedger()
    alpha.level(ACCEPTED.compared)
    alpha.decide(ACCEPTED.compared, True)
    published(state, ACCEPTED, alpha=alpha)
    stands = state is State.COMPLETE
    assert alpha.comparisons[0].accepted is stands
    passed_on = share(1) if stands else 0.0
    assert alpha.level("another") == pytest.approx(TOTAL * (share(2) + passed_on))


def test_an_exact_run_that_is_too_good_for_the_held_out_ones_is_refused() -> None:
    """A file that tells the exact run from the others could copy the official solution there."""
    seeds = official_instance("mqar").seeds
    pairs = tuple(Pair(f"text {i}", seeds, 45.0 + i, 90.0) for i in range(3))
    before = verdict(scale="small", pairs=pairs)
    after, _ = published(State.COMPLETE, before, 40)
    assert after == before
    after, _ = published(State.COMPLETE, before, 1)
    assert not after.accepted
    assert "of the exact run: its official result does not carry over" in after.reason


def test_what_is_worse_than_the_incumbent_in_the_exact_run_is_refused() -> None:
    before = verdict(official=Scores(challenger=30.0, incumbent=183.0))
    for steps in (30, 183):
        after, _ = published(State.COMPLETE, before, steps)
        assert after == before, "also where it is equal"
    after, _ = published(State.COMPLETE, before, 184)
    assert not after.accepted
    assert after.reason == (
        "better, but in the exact run on the official instance the challenger has 184, and theirs "
        "has 183"
    )


@pytest.mark.parametrize("ablation", [True, False])
def test_what_breaks_after_it_reached_the_target_is_not_published(
    launcher: Launcher, workspace_folder: Path, ablation: bool
) -> None:
    settings = replace(SETTINGS, budget=1, seeds=8)
    options = Options(commit=False, ablation=ablation)
    # with a switch it is ablated before it is measured to the end
    source = BREAKS_LATE.replace("whole=False", "whole=True") if ablation else BREAKS_LATE
    data, _ = run(launcher, settings, "late", options, source)
    record = data["verdict"]
    assert record["interim_analyses"][-1]["decision"] == "accepted", (
        "held-out runs end at the target"
    )
    assert not record["accepted"]
    assert "exact run on the official instance: exception: ValueError" in record["reason"]
    assert not (Path("runs") / "late" / "winner").exists()
    assert {comparison["accepted"] for comparison in data["alpha"]} == {False}
