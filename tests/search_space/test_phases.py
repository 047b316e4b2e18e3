"""Phases: what the second one keeps of the first."""

from typing import Any

import pytest
import torch

from helpers import tiny
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
