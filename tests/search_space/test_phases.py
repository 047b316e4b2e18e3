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
