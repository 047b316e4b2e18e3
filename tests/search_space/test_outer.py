"""Moves around a step: wrappers, averages, anchors, radial parts and distances, by references."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from helpers.tiny import build, follow
from search_space.registry import RUN_KINDS, get_kind
from search_space.render import render
from search_space.rules import sizes
from search_space.spec import make_spec

GENERATOR = torch.Generator().manual_seed(0)
PLAIN = {"direction": {"part": "raw"}, "schedule": {"lr": 0.1}}
STEPS = 20


@pytest.fixture(autouse=True)
def the_same_numbers() -> None:
    GENERATOR.manual_seed(0)


def random(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=GENERATOR, dtype=torch.float64)


def rendered(choices: dict[str, Any]) -> str:
    return render(make_spec(PLAIN | choices), STEPS)


def descend(choices: dict[str, Any], start: Tensor, slope: Callable[[Tensor], Tensor]) -> Tensor:
    """The parameter after a run on the gradients `slope` of wherever it is."""
    parameter = nn.Parameter(start.clone())
    optimizer = build(rendered(choices), [parameter], STEPS)
    for _ in range(STEPS):
        parameter.grad = slope(parameter.detach())
        optimizer.step()
    return parameter.detach()


def curved(w: Tensor) -> Tensor:
    return w.sin() + w * torch.tensor([[1.0, 3.0]], dtype=torch.float64)


def test_lookahead_returns_to_slow_weights() -> None:
    start = random(3, 2)
    slow = fast = start
    for t in range(1, STEPS + 1):
        fast = fast - 0.1 * curved(fast)
        if t % 4 == 0:
            slow = fast = slow + 0.3 * (fast - slow)
    moved = descend({"outer": {"part": "lookahead", "every": 4, "share": 0.3}}, start, curved)
    torch.testing.assert_close(moved, fast)


def test_outer_nesterov_steps_by_the_way_of_the_weights() -> None:
    start = random(3, 2)
    slow, fast, speed = start, start, torch.zeros_like(start)
    for t in range(1, STEPS + 1):
        fast = fast - 0.1 * curved(fast)
        if t % 5 == 0:
            way = slow - fast
            speed = 0.6 * speed + way
            slow = fast = slow - 0.7 * (way + 0.6 * speed)
    outer = {"part": "outer_nesterov", "every": 5, "step": 0.7, "momentum": 0.6}
    torch.testing.assert_close(descend({"outer": outer}, start, curved), fast)
    # an outer step of one without momentum is no outer step
    plain = {"part": "lookahead", "share": 1.0}
    torch.testing.assert_close(descend({"outer": plain}, start, curved), descend({}, start, curved))


def test_ema_nesterov_takes_gradients_ahead_and_ends_where_a_step_ended() -> None:
    start = random(3, 2)
    w, before, drift = start, start, torch.zeros_like(start)
    for t in range(STEPS):
        ahead = w + 0.5 * drift if 0.2 <= t / STEPS < 0.7 else w
        w = ahead - 0.1 * curved(ahead)
        drift = 0.9 * drift + 0.1 * (w - before)
        before = w
    outer = {"part": "ema_nesterov", "ahead": 0.5, "beta": 0.9, "start": 0.2, "until": 0.7}
    torch.testing.assert_close(descend({"outer": outer}, start, curved), w)


@pytest.mark.parametrize("beta", [0.5, 0.9, 0.99])
def test_the_largest_step_ahead_goes_to_a_minimum(beta: float) -> None:
    """Above one the average of the steps would grow by its own share."""
    ahead = get_kind("outer").part("ema_nesterov").params[0]
    outer = {"part": "ema_nesterov", "ahead": ahead.high, "beta": beta, "start": 0.0, "until": 1.0}
    parameter = nn.Parameter(torch.ones(4, 4, dtype=torch.float64))
    optimizer = build(render(make_spec(PLAIN | {"outer": outer}), 400), [parameter], 400)
    for _ in range(400):
        parameter.grad = parameter.detach().clone()
        optimizer.step()
    assert parameter.abs().max() < 1


def test_schedule_free_evaluates_between_and_ends_at_the_mean() -> None:
    start = random(3, 2)
    z = x = y = start
    bases = []
    for t in range(1, STEPS + 1):
        z = z - 0.1 * curved(y)
        bases.append(z)
        x = x + (z - x) / t
        y = 0.2 * z + 0.8 * x
    moved = descend({"outer": {"part": "schedule_free", "blend": 0.8}}, start, curved)
    torch.testing.assert_close(moved, torch.stack(bases).mean(0))
    torch.testing.assert_close(moved, x)


def test_ademamix_has_two_averages() -> None:
    gradients = [random(3, 2) for _ in range(STEPS)]
    fast = slow = total = torch.zeros(3, 2, dtype=torch.float64)
    for t, g in enumerate(gradients, start=1):
        rise = min(1.0, t / STEPS / 0.5)
        # the published schedule of the slow decay, with the logarithms of both decays
        low, high = torch.tensor([0.9, 0.99], dtype=torch.float64).log()
        kept = torch.exp(low * high / ((1 - rise) * high + rise * low))
        fast = 0.9 * fast + 0.1 * g
        slow = kept * slow + (1 - kept) * g
        total = total + fast / (1 - 0.9**t) + 3 * rise * slow
    momentum = {"part": "two_speeds", "beta": 0.9, "slow": 0.99, "share": 3.0, "rise": 0.5}
    moved = follow(rendered({"momentum": momentum}), torch.zeros_like(total), gradients)
    torch.testing.assert_close(moved, -0.1 * total)


def test_averages_of_every_kth_step_and_of_a_share() -> None:
    gradients = [torch.full((2, 2), -10.0, dtype=torch.float64)] * STEPS  # weights 1 to 20
    start = torch.zeros(2, 2, dtype=torch.float64)
    swa = follow(
        rendered({"averaging": {"part": "swa", "start": 0.5, "every": 4}}), start, gradients
    )
    torch.testing.assert_close(swa, torch.full_like(swa, (12 + 16 + 20) / 3))
    tail = {"part": "tail_ema", "start": 0.95, "decay": 0.75, "share": 0.5}
    mixed = follow(rendered({"averaging": tail}), start, gradients)
    torch.testing.assert_close(mixed, torch.full_like(mixed, 20 - (20 - (19 + 0.25)) / 2))


def test_slow_weights_are_those_of_the_changed_start() -> None:
    spec = {"start": {"part": "shrunk"}, "outer": {"part": "lookahead"}}
    source = render(make_spec(spec), STEPS)
    assert source.index("scale_tables(self.blocks") < source.index("self.slow = copies")


def test_an_anchor_pulls_to_the_first_value() -> None:
    start = w = random(3, 2)
    gradients = [random(3, 2) for _ in range(STEPS)]
    for g in gradients:
        w = w - 0.1 * 0.5 * (w - start) - 0.1 * g
    moved = follow(rendered({"decay": {"part": "anchored", "rate": 0.5}}), start, gradients)
    torch.testing.assert_close(moved, w)
    still = follow(rendered({"decay": {"part": "anchored", "rate": 0.5}}), start,
                   [torch.zeros_like(start)] * STEPS)  # fmt: skip
    assert torch.equal(still, start)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_brake_spares_inward_steps(sign: float) -> None:
    w, u = random(3, 4), random(3, 4)
    u = u - (u * w).sum() / (w * w).sum() * w + sign * 0.7 * w
    braked = sizes.radial_brake(u, w, 0.25)
    kept = 1.0 if sign > 0 else 0.25
    torch.testing.assert_close(
        (braked * w).sum() / (w * w).sum(), torch.tensor(sign * 0.7 * kept).double()
    )
    along, beside = braked - u, u - sign * 0.7 * w
    torch.testing.assert_close(braked - sign * 0.7 * kept * w, beside)
    assert bool(along.any()) == (sign < 0)


def test_a_pinned_norm_moves_by_the_radial_part_alone() -> None:
    w, g = random(3, 4), random(3, 4)
    tangent = g - (g * w).sum() / (w * w).sum() * w
    source = rendered({"radial": {"part": "pinned", "share": 0.5}})
    beside = follow(source, w, [tangent])
    torch.testing.assert_close(beside.norm(), w.norm())
    torch.testing.assert_close(
        beside / beside.norm(), (w - 0.1 * tangent) / (w - 0.1 * tangent).norm()
    )
    inward = follow(source, w, [tangent + w])
    torch.testing.assert_close(inward.norm(), 0.9 * w.norm())
    outward = follow(source, w, [tangent - w])
    torch.testing.assert_close(outward.norm(), 1.05 * w.norm())
    assert follow(source, torch.zeros_like(w), [g]).any()


def test_rows_have_their_own_floor() -> None:
    w, g = random(3, 4), random(3, 4)
    w[1] = 0
    moved = w - follow(rendered({"magnitude": {"part": "row_floor", "floor": 1.0}}), w, [g])
    lengths = torch.maximum(g.norm(dim=1), w.norm(dim=1))
    torch.testing.assert_close(moved, 0.1 * g / g.norm(dim=1, keepdim=True) * lengths[:, None])


def test_steps_as_long_as_the_way_so_far() -> None:
    def reference(gradients: list[Tensor], start: Tensor) -> Iterator[Tensor]:
        w, farthest, squares = start, float(1e-3 * (1 + start.norm())), 0.0
        for g in gradients:
            farthest = max(farthest, float((w - start).norm()))
            squares += float((g * g).sum())
            w = w - farthest / squares**0.5 * g
            yield w

    start, gradients = random(3, 2), [random(3, 2) + 1 for _ in range(STEPS)]
    choices = {"magnitude": {"part": "distance", "first": 1e-3}, "schedule": {"lr": 1.0}}
    moved = follow(rendered(choices), start, gradients)
    torch.testing.assert_close(moved, list(reference(gradients, start))[-1])
    # a quadratic is solved without a step size, from a first guess that is far too small
    target = random(3, 2)
    choices["magnitude"] = {"part": "distance", "first": 1e-4}
    parameter = nn.Parameter(torch.zeros_like(target))
    optimizer = build(render(make_spec(PLAIN | choices), 400), [parameter], 400)
    for _ in range(400):
        parameter.grad = 100 * (parameter.detach() - target)
        optimizer.step()
    assert (parameter - target).norm() < 0.02 * target.norm()


def test_a_plain_mean_beside_schedule_free_counts_its_own_steps() -> None:
    start = random(3, 2)
    z = x = y = start
    ends = []
    for t in range(1, STEPS + 1):
        z = z - 0.1 * curved(y)
        x = x + (z - x) / t
        y = x if t == STEPS else 0.2 * z + 0.8 * x
        ends.append(y)
    outer = {"part": "schedule_free", "blend": 0.8}
    moved = descend({"outer": outer, "averaging": {"part": "lawa", "start": 0.5}}, start, curved)
    torch.testing.assert_close(moved, torch.stack(ends[9:]).mean(0))


def test_kinds_of_the_run_have_attributes_of_their_own() -> None:
    owners: dict[str, str] = {}
    for kind in RUN_KINDS:
        code = "\n".join(part.code for part in kind.parts)
        for name in re.findall(r"self\.(\w+) [+]?= ", code):
            assert name == "blocks" or owners.setdefault(name, kind.name) == kind.name, name
