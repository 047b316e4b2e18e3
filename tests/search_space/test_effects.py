"""Parts beside which others have no effect: as their notes say, and what is left at zero."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from helpers.tiny import build
from search_space.document import describe
from search_space.registry import PHASE_KINDS, get_kind
from search_space.render import render
from search_space.spec import make_spec
from search_space.step_loop import LOOP_KINDS

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


INERT: dict[str, dict[str, Any]] = {
    "treatment": {"part": "centralise"},
    "momentum": {"part": "none"},
    "precondition": {"part": "soap"},
    "direction": {"part": "sign"},
    "memory": {"part": "slow"},
    "damping": {"part": "curvature"},
    "mask": {"part": "cautious"},
    "magnitude": {"part": "row_norm"},
    "steps": {"part": "readout"},
    "decay": {"part": "decoupled"},
    "radial": {"part": "brake"},
}
TABLES: list[tuple[int, ...]] = [(12, 4), (12, 4), (12, 4), (5, 4), (5,)]
LAYERS: list[tuple[int, ...]] = [(30, 8), (8, 8), (8,), (30, 8)]


@pytest.mark.parametrize("kind", INERT)
def test_adam_by_role_leaves_nothing_of_token_tables_to_others(kind: str) -> None:
    by_role = {"vectors": {"part": "adam_by_role"}}
    other = MUON | {kind: INERT[kind]}
    assert torch.equal(trained(MUON | by_role, TABLES), trained(other | by_role, TABLES))
    assert not torch.equal(trained(MUON, TABLES), trained(other, TABLES))


@pytest.mark.parametrize(
    ("vectors", "sizes"),
    [("adam_by_role", {"embedding": 9.0, "head": 9.0, "vectors": 9.0}), ("adam", {"vectors": 9.0})],
)
def test_steps_by_role_have_no_effect_on_what_adam_trains(
    vectors: str, sizes: dict[str, float]
) -> None:
    adam = MUON | {"vectors": {"part": vectors}}
    neutral = {"embedding": 1.0, "head": 1.0, "vectors": 1.0}
    one, other = ({"steps": {"part": "by_role", **neutral, **more}} for more in ({}, sizes))
    assert torch.equal(trained(adam | one, LAYERS), trained(adam | other, LAYERS))
    assert not torch.equal(trained(MUON | one, LAYERS), trained(MUON | other, LAYERS))


def test_the_page_says_where_a_part_has_no_effect() -> None:
    for name in ("vectors.adam", "vectors.adam_by_role", "steps.by_role"):
        kind = get_kind(name.split(".")[0])
        page = describe(kind, kind.part(name.split(".")[1]))
        assert "by_role" in page.split("Source:")[1]
        assert "effect" in page.split("Source:")[1], name
    loop = [kind.name for kind in PHASE_KINDS]
    acting = loop[loop.index("treatment") : loop.index("radial") + 1]
    assert tuple(acting) == LOOP_KINDS[LOOP_KINDS.index("treatment") :]


def test_a_floor_adds_nothing_to_weights_of_zero() -> None:
    choices = {"direction": {"part": "raw"}, "schedule": {"lr": 1.0}}
    floor = {"magnitude": {"part": "ratio_floor", "floor": 10.0}}
    start = nn.Parameter(torch.zeros(3, 2))
    optimizer = build(render(make_spec(choices | floor), 1), [start], 1)
    start.grad = torch.ones_like(start)
    optimizer.step()
    assert torch.equal(start.detach(), -torch.ones(3, 2))
