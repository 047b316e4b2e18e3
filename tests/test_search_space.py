"""The search space: specs, what they render to, and that Optuna's trials map onto them."""

import ast
import itertools
import subprocess
import sys
from pathlib import Path

import optuna
import pytest
import torch
from conftest import ROOT, Run
from plain_loop import load

from search_space.ablate import leave_one_out
from search_space.part import Param
from search_space.recipes import RECIPES
from search_space.registry import KINDS
from search_space.render import render
from search_space.sample import sample_spec, trial_params
from search_space.spec import Spec, make_spec

EVERY_COMBINATION = [
    make_spec({kind.name: {"part": part.name} for kind, part in zip(KINDS, parts, strict=True)})
    for parts in itertools.product(*(kind.parts for kind in KINDS))
]


def combination_name(spec: Spec) -> str:
    return "-".join(choice.part for _, choice in spec.choices)


def test_equal_specs_have_equal_identifiers_and_bytes() -> None:
    one = make_spec({"direction": {"part": "muon"}, "schedule": {"part": "cosine", "lr": 0.02}})
    other = make_spec(
        {"schedule": {"lr": 0.0200000001, "part": "cosine"}, "direction": {"part": "muon"}}
    )
    assert one == other
    assert render(one, 400) == render(other, 400)
    # a changed identifier would orphan every study that recorded the old one
    assert one.identifier == "22be45f3e6e9"


def test_specs_survive_json() -> None:
    for spec in EVERY_COMBINATION:
        assert make_spec(spec.to_json()) == spec
    assert len({spec.identifier for spec in EVERY_COMBINATION}) == len(EVERY_COMBINATION)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"flavour": {"part": "sweet"}}, "no kind named 'flavour'"),
        ({"direction": {"part": "sideways"}}, "no part named 'sideways'; there are: raw"),
        ({"direction": {"part": "muon", "beta2": 0.9}}, "no parameter named 'beta2'"),
        ({"schedule": {"part": "constant", "lr": 5.0}}, "from 0.0001 to 1, got 5.0"),
        ({"schedule": {"part": "constant", "lr": float("nan")}}, "got nan"),
    ],
)
def test_a_wrong_spec_is_refused_with_what_was_expected(
    choices: dict[str, dict[str, float]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make_spec(choices)


def test_a_parameter_outside_its_range_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="low <= default <= high"):
        Param("lr", "LEARNING_RATE", 1.0, 0.1, 0.5, "step size")


@pytest.mark.parametrize("spec", EVERY_COMBINATION, ids=combination_name)
def test_every_combination_trains_and_stays_finite(run: Run, spec: Spec) -> None:
    for track in ("random_teacher", "mqar"):
        result = run(render(spec, 40), track, eval_every=100)
        assert result.complete, result.reason


def test_rendered_files_import_torch_and_little_else(tmp_path: Path) -> None:
    for number, spec in enumerate(EVERY_COMBINATION):
        source = render(spec, 400)
        (tmp_path / f"s{number}.py").write_text(source)
        modules = {
            name.split(".")[0]
            for node in ast.walk(ast.parse(source))
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        assert modules <= {"torch", "math", "typing"}
    config = ["--config", str(ROOT / "pyproject.toml"), "--no-cache", str(tmp_path)]
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *config], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout


def test_the_adamw_recipe_is_torchs_adamw(tmp_path: Path) -> None:
    path = tmp_path / "submission.py"
    path.write_text(render(RECIPES["adamw"], 400))
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(6, 4, generator=generator, dtype=torch.float64)
    ours, theirs = (torch.nn.Parameter(start.clone()) for _ in range(2))
    optimizers = (
        load(path)([ours]),
        torch.optim.AdamW([theirs], lr=0.01, betas=(0.9, 0.99), weight_decay=0.0),
    )
    for _ in range(20):
        gradient = torch.randn(6, 4, generator=generator, dtype=torch.float64)
        for parameter, optimizer in zip((ours, theirs), optimizers, strict=True):
            parameter.grad = gradient.clone()
            optimizer.step()
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


def test_muon_orthogonalizes_each_block_of_a_packed_projection(tmp_path: Path) -> None:
    path = tmp_path / "submission.py"
    path.write_text(render(RECIPES["muon"], 400))
    namespace: dict[str, object] = {}
    exec(compile(path.read_text(), str(path), "exec"), namespace)
    orthogonalize = namespace["orthogonalize"]
    assert callable(orthogonalize)
    packed = torch.randn(48, 16, generator=torch.Generator().manual_seed(0))
    for block in orthogonalize(packed).chunk(3):
        # five quintic iterations bring singular values near one, here times sqrt(16)
        values = torch.linalg.svdvals(block) / 4
        assert values.min() > 0.3
        assert values.max() < 1.3


def test_schedules_reach_their_ends(tmp_path: Path) -> None:
    for part, first, last in (("constant", 0.1, 0.1), ("cosine", 0.1, 0.001), ("wsd", 0.01, 0.001)):
        spec = make_spec({"schedule": {"part": part, "lr": 0.1}})
        namespace: dict[str, object] = {}
        exec(render(spec, 400), namespace)
        step_size = namespace["step_size"]
        assert callable(step_size)
        assert step_size(0.0) == pytest.approx(first)
        assert step_size(1.0) == pytest.approx(last)


def test_leaving_a_part_out_keeps_the_rest() -> None:
    spec = make_spec(
        {
            "momentum": {"part": "ema", "beta": 0.95},
            "direction": {"part": "muon"},
            "decay": {"part": "decoupled", "rate": 0.1},
            "schedule": {"part": "wsd", "lr": 0.3},
        }
    )
    variants = leave_one_out(spec)
    assert set(variants) == {"momentum", "direction", "decay", "schedule"}
    assert variants["schedule"]["schedule"].params == (("lr", 0.3),)
    for kind, variant in variants.items():
        changed = [k for k, choice in variant.choices if choice != spec[k]]
        assert changed == [kind]
    assert leave_one_out(make_spec({})) == {}


def test_recipes_are_what_their_trials_sample() -> None:
    study = optuna.create_study()
    for spec in RECIPES.values():
        study.enqueue_trial(trial_params(spec))
    for spec in RECIPES.values():
        assert sample_spec(study.ask()) == spec


def test_sampling_repeats_with_its_seed() -> None:
    def draw(seed: int) -> list[Spec]:
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
        return [sample_spec(study.ask()) for _ in range(20)]

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)
    assert {choice.part for spec in draw(1) for k, choice in spec.choices if k == "direction"} == {
        "raw", "lion", "adamw", "muon"
    }  # fmt: skip
