"""The mathematics behind the parts, against references and in double precision."""

import copy
import math
from collections import defaultdict
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from helpers.tiny import follow
from search_space.render import render
from search_space.rules import averaging, directions, gauge, matrix, schedule, tables
from search_space.rules.blocks import Block, attention_blocks, find_blocks, table_blocks
from search_space.spec import make_spec

GENERATOR = torch.Generator().manual_seed(0)


@pytest.fixture(autouse=True)
def the_same_numbers() -> None:
    """Whichever tests ran before in this process."""
    GENERATOR.manual_seed(0)


def random(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=GENERATOR, dtype=torch.float64)


@pytest.mark.parametrize(
    ("choices", "reference"),
    [
        (
            {
                "momentum": {"part": "ema", "beta": 0.9},
                "direction": {"part": "adam", "beta2": 0.99},
                "decay": {"part": "decoupled", "rate": 0.1},
                "schedule": {"lr": 0.01},
            },
            lambda p: torch.optim.AdamW(p, lr=0.01, betas=(0.9, 0.99), weight_decay=0.1),
        ),
        (
            {
                "momentum": {"part": "heavy_ball", "beta": 0.9},
                "direction": {"part": "raw"},
                "schedule": {"lr": 0.1},
            },
            lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
        ),
        (
            {
                "momentum": {"part": "nesterov", "beta": 0.8},
                "direction": {"part": "raw"},
                "schedule": {"lr": 0.1},
            },
            lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.8, nesterov=True),
        ),
    ],
    ids=["adamw", "heavy_ball", "nesterov"],
)
def test_rendered_optimizers_are_those_of_torch(choices, reference) -> None:  # type: ignore[no-untyped-def]
    start, gradients = random(6, 4), [random(6, 4) for _ in range(20)]
    theirs = nn.Parameter(start.clone())
    optimizer = reference([theirs])
    for gradient in gradients:
        theirs.grad = gradient.clone()
        optimizer.step()
    ours = follow(render(make_spec(choices), 20), start, gradients)
    torch.testing.assert_close(ours, theirs.detach(), rtol=1e-12, atol=1e-12)


def test_lazy_rows_move_as_if_they_were_alone() -> None:
    choices = {
        "coordinates": {"part": "rows"},
        "momentum": {"part": "ema"},
        "direction": {"part": "adam"},
    }
    source = render(make_spec(choices), 20)
    start, gradients = random(10, 4), [random(10, 4) for _ in range(12)]
    for step, gradient in enumerate(gradients):
        gradient[0] = 0
        if step % 3:
            gradient[1] = 0
    moved = follow(source, start, gradients)
    assert torch.equal(moved[0], start[0])
    seldom = [gradient[1:2] for gradient in gradients[::3]]
    torch.testing.assert_close(moved[1:2], follow(source, start[1:2], seldom))
    dense = render(make_spec({k: v for k, v in choices.items() if k != "coordinates"}), 20)
    torch.testing.assert_close(moved[2:], follow(dense, start[2:], [g[2:] for g in gradients]))


@pytest.mark.parametrize("shape", [(8, 8), (24, 8), (5, 12)])
def test_matrix_signs(shape: tuple[int, int]) -> None:
    x = random(*shape)
    left, _, right = torch.linalg.svd(x, full_matrices=False)
    torch.testing.assert_close(matrix.polar_factor(x), left @ right)
    for rounds in (matrix.newton_schulz, matrix.gram_newton_schulz):
        values = torch.linalg.svdvals(rounds(x))
        assert values.min() > 0.6
        assert values.max() < 1.3
    torch.testing.assert_close(matrix.newton_schulz(x), matrix.gram_newton_schulz(x))
    torch.testing.assert_close(matrix.polar_express(x), left @ right, atol=1e-3, rtol=0)


def test_inverse_roots() -> None:
    x = random(6, 9)
    gram = x @ x.T
    root = matrix.inverse_root(gram, 0.5)
    identity = torch.eye(6, dtype=torch.float64)
    torch.testing.assert_close(root @ (gram + 0.5 * identity) @ root, identity)
    fourth = matrix.inverse_root(gram, 0.0, -0.25)
    torch.testing.assert_close(fourth @ fourth @ gram @ fourth @ fourth, identity)


def test_shampoo_and_kron_whiten() -> None:
    x = random(6, 6)
    first = directions.shampoo_direction(x, x, {}, 0.9, 0.0)
    torch.testing.assert_close(first, matrix.polar_factor(x) * 6**0.5)
    spread = torch.diag(torch.logspace(-1, 1, 6, dtype=torch.float64))
    state: dict[str, Tensor] = {}
    for _ in range(400):
        grad = spread @ random(6, 8)
        directions.kron_direction(grad, grad, state, 0.05)
    sample = torch.stack(
        [state["left"] @ spread @ random(6, 8) @ state["right"] for _ in range(99)]
    )
    rows = sample.square().mean(dim=(0, 2))
    assert rows.max() / rows.min() < 2  # 10^4 before


def test_kron_factors_stay_positive() -> None:
    for seed in range(20):
        generator = torch.Generator().manual_seed(seed)
        spread = torch.diag(torch.logspace(-1, 1, 6, dtype=torch.float64))
        state: dict[str, Tensor] = {}
        for _ in range(60):
            grad = spread @ torch.randn(6, 5, generator=generator, dtype=torch.float64)
            directions.kron_direction(grad, grad, state, 0.9)
            for side in ("left", "right"):
                assert torch.linalg.eigvalsh(state[side]).min() > 0


def test_soap_does_not_see_a_turn_of_the_axes() -> None:
    """After the first step, which is in the axes that are given."""
    turn = torch.linalg.qr(random(6, 6))[0]
    plain: dict[str, Tensor] = {}
    grad = random(6, 6)
    directions.soap_direction(grad, grad, plain, 0.9, 1e-8, 1)
    turned = {name: value.clone() for name, value in plain.items()}
    turned["left"] = turn @ plain["left"] @ turn.T
    turned["left_basis"] = turn @ plain["left_basis"]
    for t in range(2, 14):
        grad = random(6, 6)
        one = directions.soap_direction(grad, grad, plain, 0.9, 1e-8, t)
        other = directions.soap_direction(turn @ grad, turn @ grad, turned, 0.9, 1e-8, t)
        torch.testing.assert_close(turn @ one, other, rtol=1e-6, atol=1e-6)


def test_rows_become_even() -> None:
    update = random(5, 7) * torch.logspace(-2, 2, 5, dtype=torch.float64)[:, None]
    even = directions.even_rows(update, {}, 0.9, 1)
    rows = even.square().mean(dim=1)
    torch.testing.assert_close(rows, rows.mean().expand(5))
    torch.testing.assert_close(even.norm(), update.norm())


def attention(width: int = 8) -> nn.MultiheadAttention:
    torch.manual_seed(3)
    layer = nn.MultiheadAttention(width, 1, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.uniform_(-1, 1)
    return layer


def blocks_of(layer: nn.Module) -> dict[str, Block]:
    found = find_blocks(list(layer.parameters()), [attention_blocks, table_blocks])
    return {block.role: block for block in found}


def test_a_whitened_factor_moves_the_product_evenly() -> None:
    layer = attention()
    blocks = blocks_of(layer)
    root = directions.partner_root(blocks["q"], 0.0)
    wide = random(8, 8)
    step = directions.compose(blocks["q"], wide, root)
    # dQ^T K = msign(.)^T C^-1 K, and C^-1 K is orthogonal where the damping is zero
    values = torch.linalg.svdvals(step.T @ blocks["k"].value) / 8**0.5
    assert values.min() > 0.6
    assert values.max() < 1.3
    for role in ("v", "o"):
        step = directions.compose(blocks[role], wide, directions.partner_root(blocks[role], 1.0))
        assert step.square().mean().sqrt() == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize("change", [gauge.balance, gauge.to_products])
def test_a_gauge_change_leaves_the_function_as_it_is(change) -> None:  # type: ignore[no-untyped-def]
    layer = attention()
    x = random(3, 5, 8)
    before = layer(x, x, x, need_weights=False)[0]
    weights = copy.deepcopy(list(layer.parameters()))
    change(list(blocks_of(layer).values()))
    after = layer(x, x, x, need_weights=False)[0]
    torch.testing.assert_close(before, after, rtol=0, atol=1e-12)
    assert not torch.equal(weights[0], layer.in_proj_weight)


def test_balanced_factors_share_their_singular_values() -> None:
    layer = attention()
    gauge.balance(list(blocks_of(layer).values()))
    blocks = blocks_of(layer)
    for one, other in (("q", "k"), ("v", "o")):
        values = [torch.linalg.svdvals(blocks[role].value) for role in (one, other)]
        torch.testing.assert_close(*values)


def test_products_have_the_gradient_of_the_products() -> None:
    layer = attention()
    blocks = blocks_of(layer)
    wq, wk, wv, wo = (blocks[role].value.clone() for role in "qkvo")
    bq, bv, bo = (blocks[role].value.clone() for role in ("bq", "bv", "bo"))
    products = [wq.T @ wk / 8**0.5, wk.T @ bq / 8**0.5, wv.T @ wo.T, wo @ bv + bo]
    m, u, p, c = (product.clone().requires_grad_() for product in products)
    x, target = random(3, 5, 8), random(3, 5, 8)
    logits = x @ m @ x.transpose(1, 2) + (x @ u)[:, None, :]
    outputs = torch.softmax(logits, -1) @ x @ p + c
    (outputs - target).square().mean().backward()  # type: ignore[no-untyped-call]

    trained = gauge.to_products(list(blocks.values()))
    assert {block.role for block in trained} == {"q", "bq", "v", "bo"}
    (layer(x, x, x, need_weights=False)[0] - target).square().mean().backward()  # type: ignore[no-untyped-call]
    for role, product in (("q", m), ("bq", u), ("v", p), ("bo", c)):
        block = blocks[role]
        torch.testing.assert_close(block.value, product.detach().T if m.ndim == 2 and
                                   product.ndim == 2 else product.detach())  # fmt: skip
        assert product.grad is not None
        torch.testing.assert_close(block.grad, product.grad.T if product.ndim == 2
                                   else product.grad)  # fmt: skip


def test_temperature_takes_its_direction_out_of_the_gradient() -> None:
    layer = attention()
    gauge.to_products(list(blocks_of(layer).values()))
    for parameter in layer.parameters():
        parameter.grad = random(*parameter.shape)
    pair = [blocks_of(layer)[role] for role in ("q", "bq")]
    before = [block.value.clone() for block in pair]
    slope = sum(float((block.grad * block.value).sum()) for block in pair)
    gauge.step_temperature(pair[0], defaultdict(dict), 0.01, 0.5)
    ratio = pair[0].value / before[0]
    torch.testing.assert_close(ratio, torch.full_like(ratio, torch.tensor(-0.015 * slope).exp()))
    left = sum(float((block.grad * block.value).sum()) for block in pair)
    assert abs(left) < 1e-9 * abs(slope)


def test_structure_is_told_from_shapes_alone() -> None:
    def roles(*shapes: tuple[int, ...]) -> list[str]:
        parameters = [torch.zeros(shape) for shape in shapes]
        return [b.role for b in find_blocks(parameters, [attention_blocks, table_blocks])]

    layer = [(24, 8), (24,), (8, 8), (8,)]
    assert sorted(roles(*layer)) == sorted(["q", "k", "v", "bq", "bk", "bv", "o", "bo"])
    recall = [(40, 8), (40, 8), (40, 8), (5, 8), (5,)]
    assert roles(*recall) == ["q", "k", "v", "o", "bo"]
    assert roles(*recall[:4]) == ["q", "k", "v", "o"]
    assert roles((3, 3), *layer, (), (7, 2), *recall)[0] == ""
    assert roles((3, 3), *layer, (), (7, 2), *recall).count("") == 3
    assert roles((24, 8), (24,), (8, 7), (8,)) == ["", "", "", ""]
    assert roles() == []


def test_a_simplex_frame_has_equal_angles() -> None:
    shapes = [(40, 8)] * 3 + [(6, 8), (6,)]
    parameters = [random(*shape) for shape in shapes]
    left = tables.simplex_frame(find_blocks(parameters, [table_blocks]), 3.0)
    assert [block.role for block in left] == ["q", "k", "v"]
    cosines = parameters[3] @ parameters[3].T / 9
    expected = torch.full((6, 6), -1 / 5, dtype=torch.float64).fill_diagonal_(1.0)
    torch.testing.assert_close(cosines, expected)
    assert not parameters[4].any()
    # the same on every processor, where a matrix factorisation would give another basis
    waves = [math.cos(math.pi * j / 12) if j < 6 else 0.0 for j in range(1, 9)]
    row = torch.tensor(waves, dtype=torch.float64) * 3 / math.sqrt(2.5)
    torch.testing.assert_close(parameters[3][0], row)


def step_sizes(steps: int, **choice: Any) -> list[float]:
    """The step size of each step of a run; its gradient moves another entry at each."""
    spec = {"direction": {"part": "raw"}, "schedule": {"lr": 1.0, **choice}}
    start = torch.zeros(steps, dtype=torch.float64)
    gradients = list(torch.eye(steps, dtype=torch.float64))
    return [-size for size in follow(render(make_spec(spec), steps), start, gradients).tolist()]


def test_schedules_reach_their_ends() -> None:
    assert step_sizes(4, part="constant") == [1, 1, 1, 1]
    assert step_sizes(2, part="cosine") == pytest.approx([0.5, 0])
    assert step_sizes(4, part="linear") == [0.75, 0.5, 0.25, 0]
    assert step_sizes(4, part="wsd", decay=0.5) == [1, 1, 0.5, 0]
    lognormal = step_sizes(10, part="lognormal", peak=0.1, sigma=1.0)
    assert lognormal[0] == 1
    assert lognormal[9] == pytest.approx(10 ** (-math.log(10) / 2))
    assert step_sizes(10, part="power_law", scale=0.1, power=1.0)[2] == pytest.approx(0.25)
    assert step_sizes(4, part="cosine", floor=0.25)[3] == 0.25
    assert [schedule.ramp(x, 0.5, 1.0) for x in (0.2, 0.75, 1.5)] == [0, 0.5, 1]


def step(choices: dict[str, Any], start: Tensor, *gradients: Tensor) -> Tensor:
    """How far one parameter moves, with the raw gradient and a step size of one."""
    spec = {"direction": {"part": "raw"}, "schedule": {"lr": 1.0}} | choices
    source = render(make_spec(spec), len(gradients))
    return start - follow(source, start, list(gradients))


def test_gradients_are_clipped_and_centralised() -> None:
    w, g = random(4, 3), random(4, 3)
    g /= g.norm()
    half = 0.5
    for part in ("clip_global", "clip_block"):
        clipped = step({"treatment": {"part": part, "limit": half}}, w, g)
        torch.testing.assert_close(clipped, g / 2)
        kept = step({"treatment": {"part": part, "limit": 3 * half}}, w, g)
        torch.testing.assert_close(kept, g)
    adaptive = step({"treatment": {"part": "clip_adaptive", "share": 0.01}}, w, g)
    torch.testing.assert_close(adaptive.norm(), 0.01 * w.norm())
    central = step({"treatment": {"part": "centralise"}}, w, g)
    torch.testing.assert_close(central, g - g.mean(1, keepdim=True))


def test_momentum_forms() -> None:
    g = [torch.full((1, 1), x, dtype=torch.float64) for x in (1.0, -2.0, 3.0)]
    w = torch.zeros(1, 1, dtype=torch.float64)
    # Lion's: U = a M + (1 - a) G, then M <- b M + (1 - b) G, with M = 0, 0.2, -0.24
    moved = step({"momentum": {"part": "lookahead", "blend": 0.5, "beta": 0.8}}, w, *g)
    assert moved.item() == pytest.approx(0.5 + (-0.9) + (1.5 - 0.12))
    # Muon's: M <- b M + (1 - b) G, U = b M + (1 - b) G
    memory, total = 0.0, 0.0
    for x in (1.0, -2.0, 3.0):
        memory = 0.8 * memory + 0.2 * x
        total += 0.8 * memory + 0.2 * x
    moved = step({"momentum": {"part": "lookahead", "blend": 0.64, "beta": 0.8}}, w, *g)
    assert moved.item() == pytest.approx(total)


def test_sizes_masks_and_decay() -> None:
    w, g = random(4, 3), random(4, 3)
    trust = step({"magnitude": {"part": "trust_ratio", "most": 100.0}}, w, g)
    torch.testing.assert_close(trust, g * w.norm() / g.norm())
    floor = step({"magnitude": {"part": "ratio_floor", "floor": 10.0}}, w, g)
    torch.testing.assert_close(floor.norm(), 10 * w.norm())
    zero = torch.zeros_like(w)
    torch.testing.assert_close(step({"magnitude": {"part": "trust_ratio"}}, zero, g), g)
    ball = w - step({"magnitude": {"part": "hyperball"}, "schedule": {"lr": 0.1}}, w, g)
    torch.testing.assert_close(ball.norm(), w.norm())
    grafted = step({"magnitude": {"part": "gradient_norm"}, "direction": {"part": "sign"}}, w, g)
    torch.testing.assert_close(grafted.norm(), g.norm())
    decayed = step({"decay": {"part": "decoupled", "rate": 0.1}}, w, g)
    torch.testing.assert_close(decayed, g + 0.1 * w)
    cautious = step({"decay": {"part": "cautious", "rate": 0.1}}, w, g)
    torch.testing.assert_close(cautious, g + 0.1 * w * (g * w > 0))
    masked = step({"mask": {"part": "cautious"}, "momentum": {"part": "heavy_ball"}}, w, g, -g / 4)
    # the second update 0.9 G - G / 4 points against the newest gradient everywhere
    torch.testing.assert_close(masked, g)


def test_warmup_starts_with_its_phase() -> None:
    g = [torch.ones(1, 1, dtype=torch.float64)] * 10
    w = torch.zeros(1, 1, dtype=torch.float64)
    raw = {"direction": {"part": "raw"}, "schedule": {"lr": 1.0, "warmup": 0.2}}
    assert step({"schedule": {"lr": 1.0, "warmup": 0.2}}, w, *g).item() == pytest.approx(9.5)
    twice = make_spec({"phases": [raw, {**raw, "from": 0.5}]})
    assert follow(render(twice, 10), w, g).item() == pytest.approx(-9)


def test_averages_are_copied_in_at_the_end() -> None:
    choices = {
        "averaging": {"part": "lawa", "start": 0.5},
        "direction": {"part": "raw"},
        "schedule": {"lr": 1.0},
    }
    gradients = [torch.ones(3, 2, dtype=torch.float64)] * 10
    # after steps 5 to 10 the weights are -5 to -10
    mean = follow(render(make_spec(choices), 10), torch.zeros(3, 2, dtype=torch.float64), gradients)
    torch.testing.assert_close(mean, torch.full_like(mean, -7.5))
    choices["averaging"] = {"part": "tail_ema", "start": 0.9, "decay": 0.75}
    mean = follow(render(make_spec(choices), 10), torch.zeros(3, 2, dtype=torch.float64), gradients)
    torch.testing.assert_close(mean, torch.full_like(mean, -9.25))
    run, phase = {"averaging": {"part": "lawa", "start": 0.0}}, {"direction": {"part": "raw"}}
    phases = [{**phase, "schedule": {"lr": 1.0}}] * 2
    spec = make_spec({**run, "phases": [phases[0], {**phases[1], "from": 0.9}]})
    mean = follow(render(spec, 10), torch.zeros(3, 2, dtype=torch.float64), gradients)
    torch.testing.assert_close(mean, torch.full_like(mean, -5.5))
    averages: list[Tensor] = []
    averaging.blend_in(averages, [mean], 0.5)
    assert torch.equal(averages[0], mean)
