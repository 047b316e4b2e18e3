"""Step sizes of attention's products by the softness of attention, in double precision."""

import pytest
import torch
from torch import Tensor

from helpers import tiny
from search_space.recipes import RECIPES
from search_space.render import render
from search_space.rules import gauge, softness
from search_space.rules.blocks import Block, attention_blocks

WIDTH, KEYS, SEQUENCES = 24, 16, 200


def products(spread: float, values: float = 3.0) -> dict[str, Block]:
    """Blocks of M, u, P and c, with |(M, u)| = `spread` and entries of P near `values`."""
    draw = torch.Generator().manual_seed(1)
    layer = torch.nn.MultiheadAttention(WIDTH, 1, dtype=torch.float64)
    for parameter in layer.parameters():
        parameter.data.normal_(generator=draw)
        parameter.grad = torch.randn(parameter.shape, generator=draw, dtype=torch.float64)
    blocks = attention_blocks(list(layer.parameters()))
    gauge.to_products(blocks)
    found = {block.role: block for block in blocks}
    growth = spread / softness.logit_spread(found["q"])
    found["q"].value.mul_(growth)
    found["bq"].value.mul_(growth)
    found["v"].value.normal_(std=values, generator=draw)
    return found


def curvature_of_values(blocks: dict[str, Block]) -> float:
    """Second derivative of the mean squared error along a direction of P, with normal inputs."""
    draw = torch.Generator().manual_seed(2)
    x = torch.randn(SEQUENCES, KEYS, WIDTH, generator=draw, dtype=torch.float64)
    step = torch.randn(WIDTH, WIDTH, generator=draw, dtype=torch.float64)
    logits = (x @ blocks["q"].value.T + blocks["bq"].value) @ x.transpose(1, 2)
    moved = logits.softmax(-1) @ x @ (step / step.norm())
    return 2 * float(moved.square().mean())


@pytest.mark.parametrize("spread", [1e-6, 100.0])
def test_values_are_stepped_by_the_inverse_of_their_curvature(spread: float) -> None:
    blocks = products(spread)
    gain = softness.softness_scale(blocks["v"], {}, KEYS) * curvature_of_values(blocks)
    assert 0.8 < gain < 1.3


def test_scores_are_stepped_by_the_size_of_the_values() -> None:
    def scale(spread: float, values: float) -> float:
        return float(softness.softness_scale(products(spread, values)["bq"], {}, KEYS))

    assert scale(1e4, 6.0) == pytest.approx(scale(1e4, 3.0) / 4)
    assert scale(1e4, 3.0) == pytest.approx(1 / WIDTH / 9, rel=0.1)
    assert scale(1e-9, 3.0) == pytest.approx(softness.HEAD_START * scale(1e4, 3.0), rel=1e-3)


@pytest.mark.parametrize(("turned", "keys"), [(0.3, 16.0), (-0.9, 4.0), (-99.0, 1.0)])
def test_a_first_step_that_went_too_far_lowers_the_number_of_keys(
    turned: float, keys: float
) -> None:
    state: dict[str, Tensor] = {}
    first = torch.ones(3, 2)
    for gradient, expected in ((first, 16.0), (turned * first, keys), (-first, keys)):
        assert float(softness.fewer_keys(gradient, state, 16.0)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("spread", "rate", "bounded"), [(40.0, 1e-3, False), (2.0, 1e-3, False), (40.0, 1e6, True)]
)
def test_the_common_scale_is_stepped_by_itself(spread: float, rate: float, bounded: bool) -> None:
    blocks = products(spread)
    pair = blocks["q"], blocks["bq"]
    before = [block.value.clone() for block in pair]
    slope = inner(pair)
    unit = WIDTH / float(blocks["v"].value.square().sum())
    tau = -rate * slope * unit * max(spread, 8.0)
    assert bounded == (abs(tau) > softness.LARGEST_GROWTH)
    if bounded:
        tau = softness.LARGEST_GROWTH if tau > 0 else -softness.LARGEST_GROWTH
    softness.step_scale(blocks["q"], rate)
    for block, old in zip(pair, before, strict=True):
        torch.testing.assert_close(block.value, old * torch.tensor(tau, dtype=old.dtype).exp())
    assert abs(inner(pair)) < 1e-9 * abs(slope)


def test_scores_keep_their_direction_in_the_first_step() -> None:
    model = tiny.tiny_model("attention")
    optimizer = tiny.build(render(RECIPES["product_newton"], 400), model.parameters(), 400)
    weight = next(model.parameters())
    turned = []
    for _ in range(2):
        before = weight.detach()[:8].flatten().clone()
        tiny.tiny_loss(model, torch.Generator().manual_seed(0)).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        turned.append(float(1 - torch.cosine_similarity(before, weight.detach()[:8].flatten(), 0)))
    assert turned[0] < 1e-6 < turned[1]


def inner(pair: tuple[Block, Block]) -> float:
    sums: list[Tensor] = [(block.grad * block.value).sum() for block in pair]
    return float(sum(sums))
