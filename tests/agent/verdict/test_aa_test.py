"""The self-test: equals are refused, noise is measured, and a gate that is too wide is seen."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.report.sections.aa_test import aa_section
from agent.study.errors import UserError
from agent.study.evaluation_store import EvaluationStore
from agent.study.executor import Executor
from agent.study.local_executor import LocalExecutor
from agent.study.workspace import PACKAGED_SUBMISSIONS
from agent.verdict import aa_test as module
from agent.verdict import simulation
from agent.verdict.aa_test import aa_test, copy_of, replicate_of
from agent.verdict.alpha import AlphaLedger
from agent.verdict.comparison import Bench
from agent.verdict.comparison_keys import SeededKeys
from agent.verdict.verdict import Verdict
from helpers import Call
from helpers.studies import SETTINGS
from helpers.verdicts import verdict
from helpers.views import Recorder
from search_space.recipes import RECIPES
from search_space.render import render
from tracks.evaluation import Evaluation, State
from tracks.instance import official_instance
from tracks.isolation.launcher import Launcher
from tracks.procedure import Procedure
from tracks.submission import Submission, read_submission

ROW_ADAM = Submission(render(RECIPES["row_adam"], 80))


ADAMW = read_submission(PACKAGED_SUBMISSIONS / "adamw")
KEYS = SeededKeys("selftest/0")
FINAL = replace(SETTINGS, track="random_teacher", objective="final")


@pytest.fixture(autouse=True)
def few_simulations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "STUDIES", 200)
    monkeypatch.setattr(simulation, "REPEATS", 200)


@pytest.fixture
def executor(launcher: Launcher, workspace_folder: Path) -> Executor:
    return LocalExecutor(launcher, 2, EvaluationStore(workspace_folder / "evaluations"))


def test_equals_are_refused_and_the_noise_is_measured(executor: Executor) -> None:
    original = ("row_adam", ROW_ADAM)
    data = aa_test(Bench(FINAL, executor, Recorder()), KEYS, original, replicates=2, instances=7)
    assert data.kept == 0
    assert [c.name for c in data.challengers] == [
        "copy 1 of row_adam", "replicate 1 of row_adam", "replicate 2 of row_adam"
    ]  # fmt: skip
    assert data.run_to_run == 0.0
    assert data.seed_to_seed > 0
    assert len(set(map(abs, data.differences))) == 14
    assert all(c.seeds >= 3 for c in data.challengers), "each met held-out instances"
    assert data.paired_noise > 0
    assert data.false_keep_rate <= 0.01
    needed = [row.seeds for row in data.seeds_needed]
    assert needed[1:] == sorted(needed[1:], reverse=True)
    assert data.seeds_needed[-1].seeds == 3
    again = aa_test(Bench(FINAL, executor, Recorder()), KEYS, original, replicates=2, instances=7)
    assert again == data


def test_a_gate_that_is_too_wide_is_seen(
    executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AlphaLedger, "level", lambda self, key: 0.05)
    bench = Bench(FINAL, executor, Recorder())
    data = aa_test(bench, KEYS, ("adamw", ADAMW), replicates=2, instances=7)
    assert data.false_keep_rate > 0.1


OLD_STYLE = Submission("""
import torch


class Submission(torch.optim.Optimizer):
    def __init__(self, params):
        super(Submission, self).__init__(params, {"lr": 0.01})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                p.sub_(p.grad.sign(), alpha=group["lr"])
""")


def test_replicates_of_old_style_code_run_and_no_noise_is_no_knowledge(executor: Executor) -> None:
    bench = Bench(FINAL, executor, Recorder())
    data = aa_test(bench, KEYS, ("old", OLD_STYLE), replicates=1, instances=3)
    assert data.paired_noise == 0.0, "a sign does not see one percent"
    assert data.seeds_needed == ()
    assert "equal to the bit, so the noise is unknown" in "\n".join(aa_section(data).text)


@pytest.mark.parametrize(
    ("fails", "said"),
    [
        ("it", r"^it does not complete a run \(diverged: up\); choose another"),
        ("replicate 1 of it", r"^replicate 1 of it does not .*: up\); rounding decides whether it"),
    ],
)
def test_what_fails_is_named(monkeypatch: pytest.MonkeyPatch, fails: str, said: str) -> None:
    def run_all(executor: Any, view: Any, tasks: Any, objective: Any) -> list[Evaluation]:
        states = [State.DIVERGED if name == fails else State.COMPLETE for name, *_ in tasks]
        return [
            Evaluation(instance, state, Procedure(1), curve=((0, 0.5),), reason="up")
            for (*_, instance), state in zip(tasks, states, strict=True)
        ]

    monkeypatch.setattr(module, "run_all", run_all)
    monkeypatch.setattr(module, "confirm", lambda *words, **options: verdict())
    nothing: Any = None
    with pytest.raises(UserError, match=said):
        aa_test(Bench(FINAL, nothing, Recorder()), KEYS, ("it", ROW_ADAM), replicates=1)


def test_replicates_and_copies_are_other_files_that_do_the_same() -> None:
    assert copy_of(ROW_ADAM).digest != ROW_ADAM.digest
    assert len({replicate_of(ROW_ADAM, n).digest for n in range(3)}) == 3
    assert replicate_of(ROW_ADAM, 1).source.startswith(ROW_ADAM.source.rstrip())


@pytest.mark.parametrize(
    ("track", "objective", "final", "grid"),
    [
        ("mqar", "steps", 0.5, 1.0),
        ("mqar", "final", 0.5, 0.00042),
        ("mqar", "final", 1.0, 0.301),
        ("random_teacher", "final", 0.5, 0.0),
    ],
)
def test_the_grid_of_a_measurement(track: str, objective: Any, final: float, grid: float) -> None:
    evaluation = Evaluation(
        official_instance(track, "small"), State.COMPLETE, Procedure(1), curve=((0, final),)
    )
    evaluation = replace(evaluation, eval_samples=256)
    assert evaluation.resolution(objective) == pytest.approx(grid, abs=5e-4)


@pytest.mark.processes
def test_the_verb(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["significance", "aa", "--track", "mqar", "--scale", "small"]
    words += ["--replicates", "1", "--seeds", "3"]
    assert call(*words, "--effect", "-1")[0] == 2
    status, out, _ = call(*words, "--effect", "1000", "--json")
    assert [row["effect"] for row in json.loads(out)["seeds_needed"]] == [pytest.approx(1000)]
    assert json.loads(out)["seeds_needed"][0]["seeds"] == 3
    status, out, _ = call(*words)
    assert status == 0
    assert "False positives: 0 of 2." in out
    assert "equal to the bit" in out

    def generous(*arguments: Any, **options: Any) -> Verdict:
        return verdict(challenger=arguments[3][0], reason="by order")

    monkeypatch.setattr(module, "confirm", generous)
    status, out, _ = call(*words)
    assert status == 1
    assert "copy 1 of adamw: ACCEPTED" in out
