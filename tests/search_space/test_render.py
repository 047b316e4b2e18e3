"""Rendered files: every part and every sampled spec runs, and reads as a person would write it."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import optuna
import pytest
import torch

from helpers import ROOT, Run, tiny
from search_space.ablate import leave_one_out
from search_space.recipes import RECIPES
from search_space.registry import KINDS
from search_space.render import render
from search_space.sample import sample_spec
from search_space.spec import Spec, make_spec
from tracks.rules.checker import check
from tracks.submission import Submission

EVERY_PART = [f"{kind.name}.{part.name}" for kind in KINDS for part in kind.parts]


def spec_with(name: str) -> Spec:
    """The plainest spec with one part, with the first of each other that it needs."""
    kind, part = name.split(".")
    choices: dict[str, Any] = {kind: {"part": part}}
    needed = dict(next(k for k in KINDS if k.name == kind).part(part).requires)
    for other, parts in needed.items():
        choices[other] = {"part": parts[0]}
    return make_spec(choices)


def sampled(seed: int, structure: str) -> Spec:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    return sample_spec(study.ask(), structure)  # type: ignore[arg-type]


def unused(source: str) -> set[str]:
    """Constants, functions, arguments and members that the file defines and never reads."""
    nodes = list(ast.walk(ast.parse(source)))
    read = {node.id for node in nodes if isinstance(node, ast.Name)
            and isinstance(node.ctx, ast.Load)}  # fmt: skip
    read |= {node.attr for node in nodes if isinstance(node, ast.Attribute)
             and isinstance(node.ctx, ast.Load)}  # fmt: skip
    defined = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    defined |= {node.id for node in nodes if isinstance(node, ast.Name)}
    defined |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    defined |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    return defined - read - {"Submission", "__init__", "step", "_"}


@pytest.mark.parametrize("name", EVERY_PART)
def test_every_part_trains_every_model_and_stays_finite(name: str) -> None:
    spec = spec_with(name)
    assert make_spec(spec.to_json()) == spec
    for model in tiny.MODELS:
        before = tiny.tiny_model(model)
        after = tiny.train(render(spec, 20), model)
        assert tiny.is_finite(after)
        moved = zip(before.parameters(), after.parameters(), strict=True)
        assert any(not torch.equal(one, other) for one, other in moved)


@pytest.mark.parametrize("model", tiny.MODELS)
def test_what_has_no_gradient_at_first_stays_finite(model: str) -> None:
    """Where weights start at zero, as a readout may, others have gradients of zero."""
    parts = {name: spec_with(name) for name in EVERY_PART}
    for name, spec in (parts | RECIPES).items():
        trained = tiny.tiny_model(model)
        parameters = list(trained.parameters())
        optimizer = tiny.build(render(spec, 4), parameters, 4)
        generator = torch.Generator().manual_seed(0)
        for step in range(4):
            for parameter in parameters:
                drawn = torch.randn(parameter.shape, generator=generator)
                parameter.grad = drawn * (step > 0)
            optimizer.step()
        assert tiny.is_finite(trained), name


SHOWN_BY: dict[str, dict[str, Any]] = {
    # what a part needs to make a difference, beyond its defaults
    "treatment.clip_global": {"treatment": {"limit": 0.001}, "direction": {"part": "raw"}},
    "treatment.clip_block": {"treatment": {"limit": 0.001}, "direction": {"part": "raw"}},
    "treatment.clip_adaptive": {"direction": {"part": "raw"}},
    "outer.outer_nesterov": {"outer": {"every": 5}},
    "averaging.swa": {"averaging": {"start": 0.5, "every": 4}},
    "magnitude.row_floor": {"magnitude": {"floor": 10.0}},
    "magnitude.ratio_floor": {"magnitude": {"floor": 10.0}},
    "steps.by_role": {"steps": {"vectors": 2.0}},
    "steps.by_side": {"steps": {"scores": 0.5}},
    "mask.cautious": {"momentum": {"part": "ema"}},
    "coordinates.factors": {"direction": {"part": "muon"}},
    "coordinates.rows": {"momentum": {"part": "ema"}},
}


@pytest.mark.parametrize("name", EVERY_PART)
def test_every_part_changes_something(name: str) -> None:
    kind = next(kind for kind in KINDS if kind.name == name.split(".")[0])
    part = kind.part(name.split(".")[1])
    if part.name == kind.neutral:
        return
    run, phase = spec_with(name).run.to_json(), spec_with(name).phases[0].to_json()
    choices = run | phase
    for other, more in SHOWN_BY.get(name, {}).items():
        choices[other] = choices.get(other, {}) | more
    model = "tables" if part.structure == "tables" else "attention"
    without = {key: choice for key, choice in choices.items() if key != kind.name}
    trained = [tiny.train(render(make_spec(c), 20), model) for c in (choices, without)]
    pairs = zip(trained[0].parameters(), trained[1].parameters(), strict=True)
    assert any(not torch.equal(one, other) for one, other in pairs)


@pytest.mark.parametrize("structure", tiny.STRUCTURES)
@pytest.mark.parametrize("seed", range(12))
def test_sampled_specs_and_all_their_ablations_run(seed: int, structure: str) -> None:
    spec = sampled(seed, structure)
    assert make_spec(spec.to_json()) == spec
    for variant in (spec, *(removal.spec for removal in leave_one_out(spec))):
        assert make_spec(variant.to_json()) == variant
        tiny.train(render(variant, 20), structure)


@pytest.mark.parametrize("track", ["random_teacher", "mqar"])
def test_recipes_train_in_isolation(run: Run, track: str) -> None:
    for name, spec in RECIPES.items():
        result = run(render(spec, 40), track, eval_every=100)
        assert result.complete, f"{name}: {result.reason}"


def test_an_unknown_model_is_trained_too() -> None:
    for name in ("muon", "soap", "comp_muon", "adamw"):
        generator = torch.Generator().manual_seed(5)
        trained = tiny.train(render(RECIPES[name], 60), "other", steps=60)
        with torch.no_grad():
            after = tiny.tiny_loss(trained, generator)
            before = tiny.tiny_loss(tiny.tiny_model("other"), generator)
        assert after < before, name


@pytest.mark.processes
def test_rendered_files_read_as_a_person_writes_them(tmp_path: Path) -> None:
    specs = [spec_with(name) for name in EVERY_PART] + list(RECIPES.values())
    specs += [sampled(seed, structure) for seed in range(60) for structure in tiny.STRUCTURES]
    for number, spec in enumerate(specs):
        source = render(spec, 400)
        (tmp_path / f"s{number}.py").write_text(source)
        assert check(Submission(source)) == [], spec.to_json()
        assert unused(source) == set(), spec.to_json()
        assert "#if" not in source
    config = ["--config", str(ROOT / "pyproject.toml"), "--no-cache", str(tmp_path)]
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *config], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout


def test_most_recipes_are_short() -> None:
    lines = sorted(render(spec, 400).count("\n") for spec in RECIPES.values())
    assert lines[len(lines) // 2] <= 200
    assert render(RECIPES["adamw"], 400).count("\n") < 50
    assert render(RECIPES["muon"], 400).count("\n") <= 80


def test_a_spec_without_structure_has_no_blocks() -> None:
    for name in ("adamw", "lion", "muon", "normuon", "shampoo_lion", "soap"):
        assert "Block" not in render(RECIPES[name], 400), name


def test_a_phase_that_only_changes_the_gauge_shares_its_code() -> None:
    source = render(RECIPES["cm_tail_ema"], 400)
    assert source.count("partner_root(b, ") == 1
    assert "balance(self.blocks)" in source
    assert "step_2" not in source
    assert "step_2" in render(RECIPES["cm_product_space"], 400)


def test_a_new_gauge_starts_without_the_old_state() -> None:
    model = tiny.tiny_model("attention").double()
    source = render(RECIPES["cm_tail_ema"], 40)
    optimizer = tiny.build(source, model.parameters(), 40)
    for step in range(1, 30):
        for parameter in model.parameters():
            parameter.grad = parameter.detach().sin()
        optimizer.step()
        # the second phase starts after step 27, when the state is of the old coordinates
        assert all(optimizer.state[block] for block in optimizer.blocks) == (step != 27)
        if step == 27:
            q, k = (optimizer.blocks[0].family[role].value for role in "qk")
            torch.testing.assert_close(torch.linalg.svdvals(q), torch.linalg.svdvals(k))


def test_phases_switch_at_their_fraction_of_any_run() -> None:
    spec = make_spec(
        {
            "phases": [
                {"direction": {"part": "raw"}, "schedule": {"lr": 1.0}},
                {"from": 0.3, "direction": {"part": "raw"}, "schedule": {"lr": 0.001}},
            ]
        }
    )
    for steps in (10, 40):
        gradients = [torch.ones(2, 2, dtype=torch.float64)] * steps
        moved = tiny.follow(render(spec, 400), torch.zeros(2, 2, dtype=torch.float64), gradients)
        torch.testing.assert_close(moved, torch.full_like(moved, -(0.3 + 0.0007) * steps))


def test_a_phase_that_changes_other_things_keeps_what_is_remembered() -> None:
    spec = RECIPES["row_delta"].to_json()
    spec["phases"].append({**spec["phases"][0], "from": 0.5, "decay": {"part": "decoupled"}})
    source = render(make_spec(spec), 20)
    assert "find_blocks(self.parameters, [table_blocks])" in source
    assert source.count("find_blocks(self.parameters") == 1
    assert source.count(".clear()") == 0
    spec["phases"][1]["momentum"] = {"part": "ema"}
    assert render(make_spec(spec), 20).count(".clear()") == 1


@pytest.mark.parametrize("name", RECIPES)
def test_parameters_without_a_gradient_are_left_alone(name: str) -> None:
    source = render(RECIPES[name], 20)
    for model_name in tiny.STRUCTURES:
        model = tiny.tiny_model(model_name)
        parameters = list(model.parameters())
        optimizer = tiny.build(source, iter(parameters), 20)
        optimizer.step()
        frozen = parameters[1].detach().clone()
        for step in range(8):
            for index, parameter in enumerate(parameters):
                parameter.grad = None if index == 1 else parameter.detach().cos() * (1 + step)
            optimizer.step()
        if name != "cm_product_space" or model_name != "attention":  # its gauge moves the bias
            assert torch.equal(parameters[1], frozen)


@pytest.mark.parametrize("track", tiny.TRACKS)
@pytest.mark.parametrize("name", EVERY_PART)
def test_every_part_trains_on_every_track(name: str, track: str) -> None:
    assert tiny.is_finite(tiny.train_on_track(render(spec_with(name), 20), track))
