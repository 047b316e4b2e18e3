"""How a run is measured: its looks, its early ends, and that none is made twice."""

from pathlib import Path

import pytest

from agent.study.evaluation_store import EvaluationStore
from agent.study.local_executor import LocalExecutor
from helpers import Run
from helpers.sources import scaling, with_step
from search_space.recipes import RECIPES
from search_space.render import render
from tracks.evaluation import State
from tracks.instance import official_instance
from tracks.isolation.launcher import Launcher
from tracks.isolation.levels import Level
from tracks.procedure import TRAINERS, Procedure, TrainerName, official_procedure, search_procedure
from tracks.registry import get_track
from tracks.submission import Submission


def test_a_run_stops_at_the_target_where_only_the_steps_count(run: Run) -> None:
    source = render(RECIPES["row_adam"], 80)
    track = get_track("mqar")
    whole = run(source, "mqar", procedure=Procedure(1, "fused"))
    short = run(source, "mqar", procedure=search_procedure(track, "steps"))
    assert short.steps_to_target == whole.steps_to_target
    assert short.curve == whole.curve[: len(short.curve)]
    assert len(short.curve) - 1 == short.steps_to_target
    assert whole.curve[-1][0] == 80
    assert not search_procedure(track, "final").stop_at_target
    assert official_procedure(track, "steps") == Procedure(1, "exact")


def test_a_run_that_went_far_above_its_start_has_diverged(run: Run) -> None:
    growing = with_step(scaling("1.3"))
    ended = run(growing, procedure=search_procedure(get_track("random_teacher"), "final"))
    assert ended.state is State.DIVERGED
    assert "the training loss went from" in ended.reason
    assert run(growing).state is not State.DIVERGED


def test_a_loss_that_is_no_number_has_diverged(run: Run) -> None:
    huge = with_step(scaling("1e15"))
    ended = run(huge, procedure=search_procedure(get_track("random_teacher"), "final"))
    assert ended.state is State.DIVERGED
    assert "nan" in ended.reason or "inf" in ended.reason


@pytest.mark.parametrize("trainer", TRAINERS)
def test_every_look_is_made_and_the_last_one_whole(run: Run, trainer: TrainerName) -> None:
    source = render(RECIPES["adamw"], 80)
    often = run(source, "mqar", procedure=Procedure(1, trainer))
    rare = run(source, "mqar", procedure=Procedure(7, trainer))
    assert [step for step, _ in rare.curve] == [*range(0, 80, 7), 80]
    assert dict(rare.curve).items() <= dict(often.curve).items()
    exact = run(source, "mqar", procedure=Procedure(80, "exact"))
    assert rare.last == pytest.approx(exact.last, abs=0.01)


def test_the_target_counts_though_the_next_step_fails(run: Run) -> None:
    solved = render(RECIPES["row_adam"], 80)
    track = get_track("mqar")
    steps = run(solved, "mqar", procedure=search_procedure(track, "steps")).steps_to_target
    for hook in ("step", "zero_grad"):
        call = "Parent.step(self)" if hook == "step" else "Parent.zero_grad(self, set_to_none)"
        arguments = "closure=None" if hook == "step" else "set_to_none=True"
        failing = f"""{solved}


class Parent(Submission):
    pass


class Submission(Parent):
    calls = 0

    def {hook}(self, {arguments}):
        self.calls += 1
        if self.calls > {steps}:
            raise RuntimeError("too far")
        {call}
"""
        ended = run(failing, "mqar", procedure=search_procedure(track, "steps"))
        assert ended.steps_to_target == steps, ended.reason


def test_evaluations_are_told_apart_by_how_they_were_made(tmp_path: Path) -> None:
    store, submission = EvaluationStore(tmp_path), Submission("")
    instance = official_instance("mqar", "small")
    procedures = [
        Procedure(1), Procedure(2), Procedure(1, "fused"), Procedure(1, stop_at_target=True),
        Procedure(1, stop_when_diverged=True),
    ]  # fmt: skip
    keys = {store.key(submission, instance, each, "cpu", Level.FULL) for each in procedures}
    assert len(keys) == len(procedures)


def test_the_same_evaluation_is_made_once_at_a_time(
    launcher: Launcher, workspace_folder: Path
) -> None:
    executor = LocalExecutor(launcher, 2, EvaluationStore(workspace_folder / "evaluations"))
    submission = Submission(with_step("raise ValueError('boom')"))
    procedure, instance = Procedure(40), official_instance("mqar", "small")
    first = executor.submit(submission, instance, procedure)
    assert executor.submit(submission, instance, procedure) is first
    first.result()
    again = executor.submit(submission, instance, procedure)
    assert again is not first, "an exception may be the machine's: it is tried anew"
    again.result()
