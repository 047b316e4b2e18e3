"""Roles by shapes, on the models of the tracks and on others, and the norms that suit them."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from helpers import tiny
from search_space.render import render
from search_space.rules import gauge, roles
from search_space.rules.blocks import Block, attention_blocks, find_blocks
from search_space.spec import make_spec
from tracks.byte_gpt import ByteGPT

LINEAR_MLP = [(32, 10), (32, 32), (4, 32)]


def with_biases(*shapes: tuple[int, int]) -> list[tuple[int, ...]]:
    return [one for shape in shapes for one in (shape, shape[:1])]


def letters(*shapes: tuple[int, ...]) -> str:
    """The first letters of the roles: e, h, r (for the readout, the head), v."""
    blocks = [Block(torch.zeros(shape)) for shape in shapes]
    names = {"embedding": "e", "hidden": "h", "head": "r", "vector": "v"}
    return "".join(names[role] for role in roles.layer_roles(blocks).values())


GPT_LAYER = [(192, 64), (64, 64), (256, 64), (64, 256)]


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ([(1000, 64), *GPT_LAYER, (1000, 64)], "ehhhhr"),
        ([(1000, 64), (128, 64), *GPT_LAYER, (1000, 64)], "ehhhhhr"),
        ([(1000, 64), (128, 64), *GPT_LAYER], "ehhhhh"),  # tied
        ([(64, 64), *GPT_LAYER, (64, 64)], "ehhhhr"),  # as many tokens as columns
        ([(1000, 64), (64,), *GPT_LAYER, (64,), (1000, 64)], "evhhhhvr"),  # gains of norms
        ([(40, 8), (40, 8), (40, 8), (5, 8), (5,)], "eeerv"),
        ([(40, 8), (40, 8), (40, 8)], "eee"),  # its readout is fixed
        ([(24, 8), (24,), (8, 8), (8,)], "hvhv"),  # attention
        (LINEAR_MLP, "hhr"),
        (with_biases(*LINEAR_MLP), "hvhvrv"),  # type: ignore[arg-type]
        ([(8, 8)] * 3, "hhh"),
        ([(3, 2, 3), (3,), (5, 6), (5,)], "hvrv"),
        ([()], "v"),
        ([], ""),
    ],
)
def test_roles_are_read_from_shapes(shapes: list[tuple[int, ...]], expected: str) -> None:
    assert letters(*shapes) == expected


def test_the_language_model_of_the_suite_has_its_roles() -> None:
    model = ByteGPT(width=32, layers=2, heads=2, length=16)
    blocks = [Block(p) for p in model.parameters()]
    found = list(roles.layer_roles(blocks).values())
    assert (found[0], found[-1], set(found[1:-1])) == ("embedding", "head", {"hidden"})


@pytest.mark.parametrize("head", [False, True])
def test_products_of_attention_are_hidden_matrices(head: bool) -> None:
    shapes = [(24, 8), (24,), (8, 8), (8,), *([(5, 8)] if head else [])]
    generator = torch.Generator().manual_seed(0)
    parameters = [torch.randn(shape, generator=generator) for shape in shapes]
    blocks = gauge.to_products(find_blocks(parameters, [attention_blocks]))
    found = {block.role: role for block, role in roles.layer_roles(blocks).items()}
    products = {"q": "hidden", "bq": "vector", "v": "hidden", "bo": "vector"}
    assert found == products | ({"": "head"} if head else {})


@pytest.mark.parametrize("vectors", ["adam", "adam_by_role"])
def test_the_direction_steps_products(vectors: str) -> None:
    """The sign is what a head would have with scion."""
    trained = []
    for direction in ("muon", "scion", "sign"):
        choices = {"coordinates": "product", "vectors": vectors, "direction": direction}
        spec = make_spec({kind: {"part": part} for kind, part in choices.items()})
        trained.append(next(tiny.train(render(spec, 6), "attention", 6).parameters()))
    muon, scion, sign = trained
    assert torch.equal(muon, scion)
    assert not torch.equal(scion, sign)


@pytest.mark.parametrize(
    ("role", "norm"),
    [
        ("hidden", lambda u: torch.linalg.svdvals(u).max() / max(u.shape) ** 0.5),
        ("embedding", lambda u: u.square().mean(dim=1).sqrt().max()),
        ("head", lambda u: u.abs().max()),
        ("vector", lambda u: u.square().mean().sqrt()),
    ],
)
def test_steps_are_of_unit_norm_and_the_steepest(role: str, norm: Any) -> None:
    generator = torch.Generator().manual_seed(0)
    g = torch.randn(12, 8, generator=generator, dtype=torch.float64)
    step = roles.role_direction(g, role)
    slack = 1.3 if role == "hidden" else 1 + 1e-9
    assert 1 / slack <= float(norm(step)) <= slack
    for _ in range(300):
        other = torch.randn(12, 8, generator=generator, dtype=torch.float64) + g
        other = other / norm(other)
        assert (other * g).sum() <= (step * g).sum() * slack


def test_step_sizes_by_role() -> None:
    spec = {
        "direction": {"part": "raw"},
        "steps": {"part": "by_role", "embedding": 2.0, "head": 0.5, "vectors": 3.0},
        "schedule": {"lr": 1.0},
    }
    parameters = [nn.Parameter(torch.zeros(shape)) for shape in [(50, 8), (8, 8), (8,), (50, 8)]]
    optimizer = tiny.build(render(make_spec(spec), 1), parameters, 1)
    for parameter in parameters:
        parameter.grad = torch.ones_like(parameter)
    optimizer.step()
    moved: list[Tensor] = [-p.detach().mean() for p in parameters]
    assert [m.item() for m in moved] == [2.0, 1.0, 3.0, 0.5]


def test_two_parts_read_the_roles_once() -> None:
    spec = {"direction": {"part": "scion"}, "steps": {"part": "by_role"}}
    assert render(make_spec(spec), 9).count("layer_roles(self.blocks)") == 1


def test_adam_takes_all_but_hidden_matrices() -> None:
    spec = {
        "vectors": {"part": "adam_by_role", "embedding": 2.0, "head": 0.5, "vectors": 3.0},
        "direction": {"part": "raw"},
        "schedule": {"part": "linear", "lr": 1.0},
    }
    parameters = [nn.Parameter(torch.zeros(shape)) for shape in [(50, 8), (8, 8), (8,), (50, 8)]]
    optimizer = tiny.build(render(make_spec(spec), 2), parameters, 2)
    for parameter in parameters:
        parameter.grad = torch.full_like(parameter, 0.25)
    optimizer.step()
    moved = [-p.detach().mean().item() for p in parameters]
    # Adam's first step is one in each entry, and the schedule halves all of them
    assert moved == pytest.approx([1.0, 0.125, 1.5, 0.25])
