"""Parts beside which others have no effect: as their notes say, and what is left at zero."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from helpers.tiny import build
from search_space.document import describe
from search_space.registry import get_kind
from search_space.render import render
from search_space.spec import make_spec

MUON: dict[str, Any] = {
    "momentum": {"part": "nesterov"},
    "direction": {"part": "muon"},
    "schedule": {"part": "constant", "lr": 0.01},
}


def trained(choices: dict[str, Any], shapes: list[tuple[int, ...]]) -> Tensor:
    """All parameters after some steps on drawn gradients."""
    draw = torch.Generator().manual_seed(0)
    parameters = [nn.Parameter(torch.randn(s, generator=draw)) for s in shapes]
    optimizer = build(render(make_spec(choices), 12), parameters, 12)
    for _ in range(12):
        for parameter in parameters:
            parameter.grad = torch.randn(parameter.shape, generator=draw)
        optimizer.step()
    return torch.cat([p.detach().flatten() for p in parameters])


@pytest.mark.parametrize("damping", ["curvature", "line_search"])
@pytest.mark.parametrize("magnitude", ["gradient_norm", "hyperball", "trust_ratio"])
def test_damping_has_no_effect_where_the_size_is_set(damping: str, magnitude: str) -> None:
    shapes: list[tuple[int, ...]] = [(8, 8), (8, 5)]
    sized = MUON | {"magnitude": {"part": magnitude}}
    damped = {"damping": {"part": damping}}
    torch.testing.assert_close(trained(sized | damped, shapes), trained(sized, shapes))
    assert not torch.allclose(trained(MUON | damped, shapes), trained(MUON, shapes))
    kind = get_kind("damping")
    assert "No effect beside magnitude gradient_norm" in describe(kind, kind.part(damping))
    assert magnitude in kind.part(damping).note


def test_a_floor_adds_nothing_to_weights_of_zero() -> None:
    choices = {"direction": {"part": "raw"}, "schedule": {"lr": 1.0}}
    floor = {"magnitude": {"part": "ratio_floor", "floor": 10.0}}
    start = nn.Parameter(torch.zeros(3, 2))
    optimizer = build(render(make_spec(choices | floor), 1), [start], 1)
    start.grad = torch.ones_like(start)
    optimizer.step()
    assert torch.equal(start.detach(), -torch.ones(3, 2))
