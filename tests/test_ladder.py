"""The fidelity ladder: who climbs, what is recorded, and when a run may end early."""

import math
import random
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest
import sources
import torch
from conftest import Run
from optuna.trial import TrialState
from sources import with_step
from test_study import SETTINGS, finish, table
from views import Recorder

from agent.evaluation_store import EvaluationStore
from agent.executor import Executor
from agent.fidelity import _Column, _ladder, diverse_specs, measure_fidelity
from agent.ladder import RungPruner, goes_on, ladder, submission_for
from agent.ledger import PRUNED, Ledger, trial_state
from agent.proposal import Proposal
from agent.proposers import sampled
from agent.proposers.outside import enqueue_file
from agent.report.data import report_data
from agent.report.fidelity import section
from agent.report.markdown import study_report
from agent.study import search
from agent.workspace import Workspace
from search_space.recipes import RECIPES
from search_space.render import render
from tracks.base import Proxy
from tracks.evaluation import Evaluation, State
from tracks.instance import OFFICIAL_SEEDS, official_instance
from tracks.launcher import Launcher
from tracks.procedure import Procedure, official_procedure, search_procedure
from tracks.registry import all_tracks, get_track
from tracks.submission import Submission
from tracks.suite.random_teacher import RandomTeacher
from tracks.training import TRAINERS, TrainerName

CLIMBING = replace(SETTINGS, ladder=get_track("mqar").proxies["small"], budget=10)


def scaling(factor: str) -> str:
    return f"""
for group in self.param_groups:
    for p in group["params"]:
        p.mul_({factor})
"""


@pytest.fixture
def ledger_of_ladders(workspace_folder: Path) -> Ledger:
    return Ledger(Workspace(workspace_folder))


def test_the_best_third_goes_on() -> None:
    assert goes_on(5.0, [], 1 / 3)
    assert goes_on(1.0, [2.0, 3.0], 1 / 3)
    assert not goes_on(2.0, [1.0, 3.0], 1 / 3)
    assert goes_on(2.0, [1.0, 3.0, 4.0], 1 / 3)
    assert goes_on(1.0, [1.0, 1.0], 1 / 3), "equals share a place"


def test_a_decision_can_be_repeated() -> None:
    study = optuna.create_study(pruner=RungPruner([0.5, 0.5]))
    for value in (3.0, 1.0):
        trial = study.ask()
        trial.report(value, 0)
        study.tell(trial, state=TrialState.PRUNED)
    trial = study.ask()
    assert not trial.should_prune(), "nothing was reported"
    trial.report(2.0, 0)
    assert [trial.should_prune() for _ in range(3)] == [False] * 3
    trial.report(9.0, 1)
    assert not trial.should_prune(), "the first at its rung"
    assert study.get_trials()[-1].state == TrialState.RUNNING
    strict = RungPruner([1.0, 0.3])
    late = study.ask()
    late.report(99.0, 0)
    assert not strict.prune(study, study.get_trials()[-1])
    late.report(99.0, 1)
    assert strict.prune(study, study.get_trials()[-1]), "a running one has been there before"
    worst = study.ask()
    worst.report(4.0, 0)
    assert [worst.should_prune() for _ in range(3)] == [True] * 3


def test_proxies_are_smaller_fresh_and_of_the_study() -> None:
    for track in all_tracks().values():
        for scale, proxies in track.proxies.items():
            settings = replace(CLIMBING, track=track.name, scale=scale, ladder=proxies)
            rungs = ladder(settings)
            assert [rung.scale for rung in rungs] == [*(p.scale for p in proxies), scale]
            assert rungs[-1].instance.official
            assert all(rung.instance.seeds != OFFICIAL_SEEDS for rung in rungs[:-1])
            other = ladder(replace(settings, seed=1))
            assert rungs[0].instance != other[0].instance
            assert ladder(replace(settings, ladder=())) == rungs[-1:]
            students = [
                sum(p.numel() for p in track.student(rung.instance.seeds, rung.scale).parameters())
                for rung in rungs
            ]
            assert students == sorted(set(students))


def test_a_spec_is_rendered_for_the_length_of_each_rung() -> None:
    spec = RECIPES["lion"]
    rung = replace(ladder(CLIMBING)[0], max_steps=7)
    proposal = Proposal(Submission(render(spec, 80)), "recipe", "lion", spec)
    assert "MAX_STEPS = 7 " in submission_for(proposal, rung).source
    code = Proposal(Submission(sources.GRADIENT_DESCENT), "file", "mine")
    assert submission_for(code, rung) is code.submission


def test_most_trials_end_below_and_the_best_is_from_the_top(
    launcher: Launcher, ledger_of_ladders: Ledger
) -> None:
    study = ledger_of_ladders.create("ladder", CLIMBING)
    finish(launcher, study)
    trials = study.finished()
    assert [trial.number for trial in trials] == list(range(CLIMBING.budget))
    pruned = [trial for trial in trials if trial_state(trial) == PRUNED]
    complete = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    assert len(pruned) >= 3
    assert complete
    for trial in pruned:
        outcome = trial.user_attrs["outcome"]
        assert outcome["scale"] == "tiny"
        assert set(outcome["rungs"]) == {"tiny"}
        assert "score" not in outcome
        assert trial.state == TrialState.PRUNED
    for trial in complete:
        assert trial.user_attrs["outcome"]["scale"] == "small"
        assert trial.intermediate_values == {0: trial.user_attrs["outcome"]["rungs"]["tiny"]}
    best = study.best()
    assert best is not None
    assert best.number in {trial.number for trial in complete}
    data = report_data(study)
    assert data["pruned"] == {"tiny": len(pruned)}
    assert data["complete"] + len(pruned) + sum(data["failed"].values()) == CLIMBING.budget
    assert f"pruned: {len(pruned)} at tiny" in study_report(data)
    assert not {row["trial"] for row in data["failures"]} & {trial.number for trial in pruned}


def test_an_interrupted_climb_ends_as_it_would_have(
    launcher: Launcher, ledger_of_ladders: Ledger
) -> None:
    whole = ledger_of_ladders.create("whole", CLIMBING)
    finish(launcher, whole, jobs=1)
    parts = ledger_of_ladders.create("parts", replace(CLIMBING, budget=6))
    finish(launcher, parts, jobs=1)
    # the next trial was killed after it had reported its first rung
    number = len(parts.finished())
    parts.study.sampler = sampled.sampler("tpe", CLIMBING.seed, number)
    trial = parts.study.ask()
    sampled.propose(trial, "tables", 80)
    expected = whole.study.get_trials()[number]
    trial.report(expected.intermediate_values[0], 0)
    parts = Ledger(Workspace(Path.cwd())).open("parts")
    parts.set_budget(CLIMBING.budget)
    finish(launcher, parts, jobs=1)
    assert table(parts) == table(whole)


def test_code_without_a_spec_gets_its_full_run_at_once(
    launcher: Launcher, ledger_of_ladders: Ledger
) -> None:
    study = ledger_of_ladders.create("files", replace(CLIMBING, budget=1))
    enqueue_file(study.study, study.folder, Submission(sources.GRADIENT_DESCENT, "mine.py"))
    finish(launcher, study)
    assert study.finished()[0].user_attrs["outcome"]["rungs"] == {}
    assert study.finished()[0].state == TrialState.COMPLETE


def test_the_sampler_learns_from_what_diverged(
    launcher: Launcher, ledger_of_ladders: Ledger
) -> None:
    study = ledger_of_ladders.create("diverging", replace(CLIMBING, budget=2))
    for body in (scaling("float('nan')"), "raise ValueError('boom')"):
        enqueue_file(study.study, study.folder, Submission(with_step(body), "bad.py"))
    finish(launcher, study)
    assert [trial.state for trial in study.finished()] == [TrialState.PRUNED, TrialState.FAIL]
    assert report_data(study)["failed"] == {"nonfinite": 1, "exception": 1}


def test_random_search_asks_no_model(launcher: Launcher, ledger_of_ladders: Ledger) -> None:
    settings = replace(CLIMBING, sampler="random", recipes=False, budget=4)
    study = ledger_of_ladders.create("random", settings)
    finish(launcher, study)
    assert {t.user_attrs["proposal"]["origin"] for t in study.finished()} == {"sampled"}
    again = ledger_of_ladders.create("tpe", replace(settings, sampler="tpe"))
    finish(launcher, again)
    assert len(again.finished()) == 4


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
    assert rare.final == pytest.approx(exact.final, abs=0.01)


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


class Known:
    """An executor whose evaluations are a function of the submission and the scale."""

    jobs = 1

    def submit(self, submission, instance, procedure, on_step):  # type: ignore[no-untyped-def]
        value = random.Random(submission.digest + instance.scale).random()
        future: Future[Evaluation] = Future()
        future.set_result(
            Evaluation(instance, State.COMPLETE, procedure, curve=((0, 9.0), (400, value)),
                       duration_s=1.0, max_steps=400)
        )  # fmt: skip
        return future


def test_a_kill_after_any_report_changes_nothing(
    ledger_of_ladders: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    track = get_track("random_teacher")
    settings = replace(
        CLIMBING, track=track.name, objective="final", scale="full", recipes=False, budget=6,
        ladder=(Proxy("quarter", 0.3), Proxy("half", 0.3)),
    )  # fmt: skip

    def outcomes(name: str) -> list[tuple[object, ...]]:
        trials = ledger_of_ladders.open(name).finished()
        return [(t.number, t.state, t.user_attrs["outcome"]) for t in trials]

    prune = RungPruner.prune
    study = ledger_of_ladders.create("whole", settings)
    search(study, Known(), Recorder(), None)  # type: ignore[arg-type]
    whole = outcomes("whole")
    reports = sum(len(o["rungs"]) for _, _, o in whole)  # type: ignore[index]
    assert {o["scale"] for _, _, o in whole} == {"quarter", "half", "full"}  # type: ignore[index]
    for killed_at in range(reports):
        study = ledger_of_ladders.create(f"killed-{killed_at}", settings)
        decisions = iter(range(killed_at))

        def dying(pruner: RungPruner, *arguments: Any, left: Any = decisions) -> bool:
            if next(left, None) is None:
                raise KeyboardInterrupt
            return prune(pruner, *arguments)

        monkeypatch.setattr(RungPruner, "prune", dying)
        with pytest.raises(KeyboardInterrupt):
            search(study, Known(), Recorder(), None)  # type: ignore[arg-type]
        monkeypatch.setattr(RungPruner, "prune", prune)
        study = ledger_of_ladders.open(study.name)
        search(study, Known(), Recorder(), None)  # type: ignore[arg-type]
        assert outcomes(study.name) == whole


def test_studies_from_before_the_ladder_go_on_without_it(ledger_of_ladders: Ledger) -> None:
    study = ledger_of_ladders.create("old", CLIMBING)
    settings = study.study.user_attrs["settings"]
    for new in ("ladder", "sampler", "recipes"):
        del settings[new]
    study.study.set_user_attr("settings", settings)
    assert ledger_of_ladders.open("old").settings.ladder == ()
    assert ledger_of_ladders.create("new", CLIMBING).settings == CLIMBING
    assert ledger_of_ladders.open("new").settings == CLIMBING


def test_the_same_evaluation_is_made_once_at_a_time(
    launcher: Launcher, workspace_folder: Path
) -> None:
    executor = Executor(launcher, 2, EvaluationStore(workspace_folder / "evaluations"))
    submission = Submission(with_step("raise ValueError('boom')"))
    procedure, instance = Procedure(40), official_instance("mqar", "small")
    first = executor.submit(submission, instance, procedure)
    assert executor.submit(submission, instance, procedure) is first
    first.result()
    again = executor.submit(submission, instance, procedure)
    assert again is not first, "an exception may be the machine's: it is tried anew"
    again.result()


def test_evaluations_are_told_apart_by_how_they_were_made(tmp_path: Path) -> None:
    store, submission = EvaluationStore(tmp_path), Submission("")
    instance = official_instance("mqar", "small")
    procedures = [
        Procedure(1), Procedure(2), Procedure(1, "fused"), Procedure(1, stop_at_target=True),
        Procedure(1, stop_when_diverged=True),
    ]  # fmt: skip
    keys = {store.key(submission, instance, procedure, "cpu") for procedure in procedures}
    assert len(keys) == len(procedures)


@pytest.mark.parametrize("scale", ["full", "half", "quarter"])
def test_a_narrow_teacher_is_as_sharp_as_the_full_one(scale: str) -> None:
    track = RandomTeacher()
    size = replace(track.scales[scale], train_samples=64, eval_samples=8)
    teacher = track.teacher(OFFICIAL_SEEDS, size)
    x = torch.randn(64, size.length, size.width, generator=torch.Generator().manual_seed(0))
    weight, bias, *_ = (p.detach() for p in teacher.parameters())
    q, k, _ = (x @ weight.T + bias).chunk(3, -1)
    logits = q @ k.transpose(1, 2) / size.width**0.5
    spread = (logits - logits.mean(-1, keepdim=True)).std()
    assert spread == pytest.approx(43, rel=0.15)


def test_chance_and_cost_of_a_ladder() -> None:
    best_first = _Column([1.0, 2.0, 3.0, 4.0], [1.0, 1.0, 1.0, 1.0])
    worst_first = _Column([4.0, 3.0, 2.0, 1.0], [1.0, 1.0, 1.0, 1.0])
    full = _Column([1.0, 2.0, 3.0, 4.0], [10.0, 10.0, 10.0, 10.0])
    chance, cost = _ladder([[best_first]], full, [0.01], 0)
    assert chance == 1.0
    # on average 1 + 1/2 + 1/3 + 1/4 of four are the best when they arrive
    assert cost == pytest.approx((4 + 10 * 25 / 12) / 40, rel=0.02)
    chance, _ = _ladder([[worst_first]], full, [0.01], 0)
    assert chance == pytest.approx(0.25, abs=0.05)
    chance, cost = _ladder([], full, [], 0)
    assert (chance, cost) == (1.0, 1.0)
    failed = _Column([math.inf, 1.0, 2.0, 3.0], [1.0] * 4)
    assert _ladder([[failed]], full, [1.0], 0)[0] == 0.0


def test_fidelity_compares_ranks_and_costs(launcher: Launcher, workspace_folder: Path) -> None:
    track = get_track("mqar")
    executor = Executor(launcher, 2, EvaluationStore(workspace_folder / "evaluations"))
    data = measure_fidelity(track, executor, Recorder(), specs=8, instances=2, scale="small")
    assert list(data["values"]) == list(diverse_specs(track, 8, 0))
    rung = data["rungs"][0]
    assert rung["scale"] == "tiny"
    assert 0 < rung["spearman"] <= 1
    assert 0 <= data["best_kept"] <= 1
    assert rung["times_cheaper"] > 0
    again = measure_fidelity(track, executor, Recorder(), specs=8, instances=2, scale="small")
    assert again == data
    assert "| tiny | 50% |" in section(data)
