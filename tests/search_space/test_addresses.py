"""Addresses of token tables: orthogonal and frozen, whatever moves the other weights."""

from typing import Any

import pytest
import torch
from torch import nn

from helpers.tiny import build
from search_space.registry import get_kind
from search_space.render import render
from search_space.spec import make_spec

OUTER = [part.name for part in get_kind("outer").parts]
AVERAGING = [part.name for part in get_kind("averaging").parts]
PHASE: dict[str, Any] = {
    "queries": {"part": "addresses"},
    "direction": {"part": "raw"},
    "schedule": {"part": "constant", "lr": 0.01},
}


@pytest.mark.parametrize("later", [{}, {"temperature": {"part": "none"}, "from": 0.5}])
@pytest.mark.parametrize(
    "run",
    [{"outer": {"part": part}} for part in OUTER[1:]]
    + [{"averaging": {"part": part}} for part in AVERAGING],
    ids=lambda run: "-".join(choice["part"] for choice in run.values()),
)
def test_addresses_stay_orthogonal(run: dict[str, Any], later: dict[str, Any]) -> None:
    """Each step brings another row of the table a gradient."""
    phases = [PHASE, *([PHASE | later] if later else [])]
    draw = torch.Generator().manual_seed(0)
    shapes = [(12, 4), (12, 4), (12, 4), (5, 4), (5,)]
    parameters = [nn.Parameter(torch.randn(shape, generator=draw)) for shape in shapes]
    others = [p.detach().clone() for p in parameters[1:3]]
    optimizer = build(render(make_spec(run | {"phases": phases}), 40), parameters, 40)
    for step in range(40):
        for parameter in parameters:
            parameter.grad = torch.randn(parameter.shape, generator=draw)
            if len(parameter) == 12:
                rows = torch.arange(4) if step < 1 else torch.tensor([step % 4])
                parameter.grad *= torch.isin(torch.arange(12), rows)[:, None]
        optimizer.step()
        live = parameters[0].detach()[:4]
        torch.testing.assert_close(live @ live.T, 4 * torch.eye(4))
    assert not any(torch.equal(one, p) for one, p in zip(others, parameters[1:3], strict=True))


def test_a_frozen_table_is_not_clipped_with() -> None:
    """The gradient of the addresses makes no other step shorter."""
    moved = []
    for size in (1.0, 1e6):
        draw = torch.Generator().manual_seed(0)
        shapes = [(12, 4), (12, 4), (12, 4), (5, 4), (5,)]
        parameters = [nn.Parameter(torch.randn(s, generator=draw)) for s in shapes]
        choices = {"queries": {"part": "addresses"}, "treatment": {"part": "clip_global"}}
        spec = make_spec({**choices, "direction": {"part": "raw"}})
        optimizer = build(render(spec, 3), parameters, 3)
        for _ in range(3):
            for index, parameter in enumerate(parameters):
                parameter.grad = torch.ones_like(parameter) * (size if index == 0 else 1.0)
            optimizer.step()
        moved.append([p.detach() for p in parameters[1:]])
    torch.testing.assert_close(moved[0], moved[1])
