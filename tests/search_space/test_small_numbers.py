"""Updates whose squares are zero in single precision: steps stay as large as they are meant."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from helpers.tiny import build
from search_space.recipes import RECIPES
from search_space.render import render
from search_space.rules import directions, gradient, matrix, roles, sizes
from search_space.spec import make_spec

SCALES = [10.0**-power for power in (20, 22, 23, 24, 26, 30, 36, 44)]
ONE = torch.ones(())
OF_UNIT_SIZE: dict[str, Callable[[Tensor], Tensor]] = {
    "unit_rms": matrix.unit_rms,
    "newton_schulz": matrix.newton_schulz,
    "turbo": lambda x: matrix.turbo_newton_schulz(x, 4),
    "gram": matrix.gram_newton_schulz,
    "polar_express": matrix.polar_express,
    "even_rows": lambda x: directions.even_rows(x, {}, 0.9, 1),
    "embedding": lambda x: roles.role_direction(x, "embedding"),
    "vector": lambda x: roles.role_direction(x, "vector"),
    "with_norm": lambda x: sizes.with_norm(x, ONE),
    "norm_ratio": lambda x: x * sizes.norm_ratio(ONE, x),
    "floor_rows": lambda x: sizes.floor_rows(x, torch.ones(8, 4), 0.1),
    "distance": lambda x: x * sizes.distance_step(torch.zeros(8, 4), x, {}, 1.0),
    "history": lambda x: gradient.clip_to_history(x, {"usual_norm": ONE}, 0.9, 2.0),
    "memories": lambda x: gradient.slow_memories(x, {}, 0.9, 0.9),
    "intended": lambda x: sizes.intended_norm(x, torch.ones(8, 4), 0.1),
}


@pytest.mark.parametrize("name", OF_UNIT_SIZE)
def test_what_is_scaled_to_one_is_no_larger_where_squares_are_zero(name: str) -> None:
    drawn = torch.randn(8, 4, generator=torch.Generator().manual_seed(0))
    for scale in SCALES:
        assert OF_UNIT_SIZE[name](drawn * scale).abs().max() < 10, scale


def test_a_norm_is_not_pinned_from_nothing() -> None:
    for scale in SCALES:
        value = torch.full((8, 4), scale)
        sizes.pin_norm(value, ONE)
        assert value.abs().max() <= 1, scale


@pytest.mark.parametrize(
    "direction", ["muon", "normalised", "polar_express", "normuon", "turbo_muon"]
)
def test_a_momentum_that_has_decayed_makes_no_step(direction: str) -> None:
    choices: dict[str, Any] = {
        "momentum": {"part": "nesterov", "beta": 0.5},
        "direction": {"part": direction},
        "schedule": {"part": "constant", "lr": 0.01},
    }
    parameter = nn.Parameter(torch.randn(6, 6, generator=torch.Generator().manual_seed(0)))
    optimizer = build(render(make_spec(choices), 160), [parameter], 160)
    for step in range(160):
        before = parameter.detach().clone()
        parameter.grad = torch.full_like(parameter, 1e-3 if step < 3 else 0.0)
        optimizer.step()
        assert (parameter.detach() - before).abs().max() < 0.1, step


def test_a_rare_row_of_a_table_stays_where_it_is() -> None:
    draw = torch.Generator().manual_seed(0)
    shapes = [(20, 8), (8, 8), (20, 8)]
    parameters = [nn.Parameter(0.1 * torch.randn(s, generator=draw)) for s in shapes]
    optimizer = build(render(RECIPES["scion"], 500), parameters, 500)
    for step in range(500):
        for parameter in parameters:
            parameter.grad = 1e-3 * torch.randn(parameter.shape, generator=draw)
        assert parameters[0].grad is not None
        parameters[0].grad[3] *= step == 0
        optimizer.step()
    assert parameters[0][3].abs().max() < 100
