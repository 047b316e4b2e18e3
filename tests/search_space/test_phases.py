"""Phases: what the second one keeps of the first."""

from typing import Any

import pytest
import torch

from helpers import tiny
from search_space.registry import get_kind
from search_space.render import render
from search_space.spec import make_spec

ADAM: dict[str, Any] = {
    "momentum": {"part": "ema"},
    "direction": {"part": "adam"},
    "schedule": {"part": "constant", "lr": 0.01},
}
SIGN: dict[str, Any] = {**ADAM, "momentum": {"part": "heavy_ball"}, "direction": {"part": "sign"}}
ROWS = {"coordinates": {"part": "rows"}}
HISTORY = {"treatment": {"part": "clip_history"}}


@pytest.mark.parametrize(
    ("first", "second"),
    [(ADAM, ADAM | ROWS), (ADAM | ROWS, ADAM), (SIGN | HISTORY, SIGN | ROWS), (SIGN, SIGN | ROWS)],
)
def test_rows_and_whole_tables_do_not_share_a_state(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    spec = make_spec({"phases": [first, {**second, "from": 0.5}]})
    for name in tiny.MODELS:
        model = tiny.tiny_model(name)
        parameters = list(model.parameters())
        optimizer = tiny.build(render(spec, 10), parameters, 10)
        for step in range(10):
            for parameter in parameters:
                parameter.grad = torch.ones_like(parameter)
                if parameter.ndim:
                    parameter.grad[step % 3] = 0.0
            optimizer.step()
        assert tiny.is_finite(model)


def test_phases_of_rows_share_a_state() -> None:
    phases = [ADAM | ROWS, {**ADAM, **ROWS, "decay": {"part": "decoupled"}, "from": 0.5}]
    assert ".clear()" not in render(make_spec({"phases": phases}), 10)


@pytest.mark.parametrize("direction", ["adam", "sign"])
def test_an_anchor_is_as_old_as_its_state(direction: str) -> None:
    """A phase that continues the state continues to pull to its anchor."""
    anchored = ADAM | {"decay": {"part": "anchored", "rate": 1.0}}
    second = {**anchored, "direction": {"part": direction}, "mask": {"part": "cautious"}}
    spec = make_spec({"phases": [anchored, {**second, "from": 0.5}]})
    parameter = torch.nn.Parameter(torch.randn(4, 4, generator=torch.Generator().manual_seed(0)))
    optimizer = tiny.build(render(spec, 10), [parameter], 10)
    values = []
    for _ in range(10):
        values.append(parameter.detach().clone())
        parameter.grad = parameter.detach().sin()
        optimizer.step()
    anchor = optimizer.state[parameter]["first_value"]
    assert torch.equal(anchor, values[0 if direction == "adam" else 5])
    assert "when its state began" in get_kind("decay").part("anchored").summary


CORRECTED: dict[str, dict[str, Any]] = {
    "ema": {"momentum": {"part": "ema", "beta": 0.999}, "direction": {"part": "raw"}},
    "adam": {"direction": {"part": "adam", "beta2": 0.999}},
    "precondition": {
        "precondition": {"part": "adam", "beta2": 0.999},
        "direction": {"part": "raw"},
    },
    "vectors": {"vectors": {"part": "adam_by_role", "beta1": 0.99, "beta2": 0.999}},
}


@pytest.mark.parametrize("name", CORRECTED)
def test_another_decay_of_a_corrected_average_is_corrected(name: str) -> None:
    """The average of equal gradients of one is one, whatever the decays are."""
    first = {kind: {"part": choice["part"]} for kind, choice in CORRECTED[name].items()}
    phases = [{"schedule": {"lr": 1.0}, **first}, {"schedule": {"lr": 1.0}, **CORRECTED[name]}]
    spec = make_spec({"phases": [phases[0], {**phases[1], "from": 0.2}]})
    ones = [torch.ones(3, dtype=torch.float64)] * 20
    moved = tiny.follow(render(spec, 20), torch.zeros(3, dtype=torch.float64), ones)
    torch.testing.assert_close(moved, -(0.3 if name == "vectors" else 1.0) * 20 * ones[0])


def test_other_numbers_leave_the_state() -> None:
    beside = {"decay": {"part": "decoupled"}, "schedule": {"part": "cosine", "lr": 0.02}}
    phases = [ADAM, {**ADAM, **beside, "from": 0.5}]
    assert ".clear()" not in render(make_spec({"phases": phases}), 10)
    slower = {"momentum": {"part": "heavy_ball", "beta": 0.99}, "from": 0.5}
    assert ".clear()" not in render(make_spec({"phases": [SIGN, {**SIGN, **slower}]}), 10)
