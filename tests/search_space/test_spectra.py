"""Powers of singular values: a direction without a gradient has no step."""

import pytest
import torch

from helpers.tiny import follow
from search_space.render import render
from search_space.rules import spectra
from search_space.spec import make_spec

POWERS = [-0.5, -0.25, 0.0, 0.25, 1.0]


@pytest.mark.parametrize("part", ["spectral_power", "spectral_power_scheduled"])
def test_a_gradient_of_zero_is_no_step(part: str) -> None:
    start = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    source = render(make_spec({"direction": {"part": part}}), 3)
    assert torch.equal(follow(source, start, [torch.zeros_like(start)] * 3), start)


@pytest.mark.parametrize("power", POWERS)
def test_rows_without_a_gradient_have_no_step(power: float) -> None:
    gradient = torch.zeros(20, 8)
    gradient[[2, 5]] = torch.randn(2, 8, generator=torch.Generator().manual_seed(0))
    update = spectra.spectral_power(gradient, power)
    others = [row for row in range(20) if row not in (2, 5)]
    assert update[others].abs().max() < 1e-6
    assert torch.linalg.matrix_rank(update) == 2


@pytest.mark.parametrize("power", POWERS)
def test_small_values_are_raised_to_the_power_of_a_thousandth(power: float) -> None:
    sizes = torch.tensor([1.0, 1e-2, 1e-4, 1e-9], dtype=torch.float64)
    raised = spectra.spectral_power(torch.diag(sizes), power).diagonal()
    expected = torch.tensor([1.0, 1e-2**power, 1e-3**power, 0.0], dtype=torch.float64)
    torch.testing.assert_close(raised, expected, rtol=1e-3, atol=1e-9)
