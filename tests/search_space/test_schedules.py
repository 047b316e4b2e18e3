"""Schedules of the step size, of momentum and of the second moment, against their formulas."""

from typing import Any

import pytest
import torch

from helpers.tiny import follow
from search_space.part import Param
from search_space.render import render
from search_space.spec import make_spec

STEPS = 20


def step_sizes(**choice: Any) -> list[float]:
    """The step size of each step of a run; its gradient moves another entry at each."""
    spec = {"direction": {"part": "raw"}, "schedule": {"lr": 1.0, **choice}}
    start = torch.zeros(STEPS, dtype=torch.float64)
    gradients = list(torch.eye(STEPS, dtype=torch.float64))
    return [-size for size in follow(render(make_spec(spec), STEPS), start, gradients).tolist()]


def test_one_minus_sqrt_falls_fast_at_first() -> None:
    sizes = step_sizes(part="one_minus_sqrt", start=0.5)
    assert sizes[:10] == [1.0] * 10
    expected = [1 - ((t - 10) / 10) ** 0.5 for t in range(11, 21)]
    assert sizes[10:] == pytest.approx(expected)


@pytest.mark.parametrize("end", [1.0, 1.5])
def test_power_cooldown_is_the_minimum_of_its_peak_and_a_power(end: float) -> None:
    sizes = step_sizes(part="power_cooldown", start=0.4, power=1.2, end=end)
    c = 1 / (end - 0.4) ** 1.2
    expected = [min(1.0, c * max(0.0, end - t / STEPS) ** 1.2) for t in range(1, STEPS + 1)]
    assert sizes == pytest.approx(expected)
    assert (sizes[-1] == 0) == (end == 1.0)


def test_momentum_rises_and_falls() -> None:
    choices = {
        "momentum": {
            "part": "warmed_cooled", "beta": 0.9, "first": 0.5, "last": 0.3, "rise": 0.25,
            "fall": 0.2,
        },
        "direction": {"part": "raw"},
        "schedule": {"lr": 1.0},
    }  # fmt: skip
    generator = torch.Generator().manual_seed(0)
    gradients = [torch.randn(3, 2, generator=generator).double() for _ in range(STEPS)]
    value = momentum = torch.zeros(3, 2, dtype=torch.float64)
    for t, gradient in enumerate(gradients, start=1):
        x = t / STEPS
        rising = 0.5 + 0.4 * min(1.0, x / 0.25)
        beta = rising + (0.3 - 0.9) * max(0.0, 1 - (1 - x) / 0.2)
        momentum = beta * momentum + (1 - beta) * gradient
        value = value - (beta * momentum + (1 - beta) * gradient)
    moved = follow(render(make_spec(choices), STEPS), torch.zeros_like(value), gradients)
    torch.testing.assert_close(moved, value, rtol=1e-12, atol=1e-12)


def test_whole_numbers_are_integers_and_later_ones_are_recorded_only_where_they_differ() -> None:
    rounds = Param("rounds", "ROUNDS", 2, 10, 5, "rounds", whole=True, later=True)
    assert [rounds.clean(value) for value in (2.0, 5, 9.0)] == [2, 5, 9]
    with pytest.raises(ValueError, match="expected a whole number"):
        rounds.clean(2.2)
    assert isinstance(rounds.clean(4.0), int)
