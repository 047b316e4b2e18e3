"""Directions, preconditions and treatments against references written here in double precision."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from helpers.tiny import follow
from search_space.render import render
from search_space.rules import gradient, matrix, spectra
from search_space.spec import make_spec

GENERATOR = torch.Generator().manual_seed(0)
PLAIN = {"direction": {"part": "raw"}, "schedule": {"lr": 1.0}}
STEPS = 12


@pytest.fixture(autouse=True)
def the_same_numbers() -> None:
    GENERATOR.manual_seed(0)


def random(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=GENERATOR, dtype=torch.float64)


def ill_conditioned(rows: int, columns: int) -> Tensor:
    left, right = torch.linalg.qr(random(rows, rows))[0], torch.linalg.qr(random(columns, columns))
    sizes = torch.logspace(0, -3, min(rows, columns), dtype=torch.float64)
    return (left[:, : len(sizes)] * sizes) @ right[0][: len(sizes)]


def follows(choices: dict[str, Any], updates: Callable[[list[Tensor]], Iterator[Tensor]]) -> None:
    """A rendered spec makes the steps that a reference yields for the same gradients."""
    start, gradients = random(6, 4), [random(6, 4) for _ in range(STEPS)]
    expected = start - sum(updates(gradients), start=torch.zeros_like(start))
    moved = follow(render(make_spec(PLAIN | choices), STEPS), start, gradients)
    torch.testing.assert_close(moved, expected, rtol=1e-8, atol=1e-8)


def test_adam_atan2_is_the_angle() -> None:
    def updates(gradients: list[Tensor]) -> Iterator[Tensor]:
        first = second = torch.zeros(6, 4, dtype=torch.float64)
        for t, g in enumerate(gradients, start=1):
            first = 0.9 * first + 0.1 * g
            second = 0.8 * second + 0.2 * g * g
            mean, root = first / (1 - 0.9**t), (second / (1 - 0.8**t)).sqrt()
            yield torch.atan2(mean, root) * 4 / math.pi

    follows(
        {
            "momentum": {"part": "ema", "beta": 0.9},
            "direction": {"part": "adam_atan2", "beta2": 0.8},
        },
        updates,
    )


@pytest.mark.parametrize("last", [0.0, 0.5])
def test_the_second_moment_may_be_scheduled(last: float) -> None:
    def updates(gradients: list[Tensor]) -> Iterator[Tensor]:
        second = torch.zeros(6, 4, dtype=torch.float64)
        for t, g in enumerate(gradients, start=1):
            kept = min(0.95, 1 - t**-0.8)
            if last:
                kept += (last - kept) * max(0.0, (t / STEPS - 0.5) / 0.5)
            second = kept * second + (1 - kept) * g * g
            yield g / (second.sqrt() + 1e-8)

    follows({"direction": {"part": "adam_scheduled", "beta2": 0.95, "last": last,
                           "last_from": 0.5}}, updates)  # fmt: skip


def test_adopt_divides_by_what_came_before_and_clips() -> None:
    def updates(gradients: list[Tensor]) -> Iterator[Tensor]:
        squares, momentum = gradients[0] ** 2, torch.zeros(6, 4, dtype=torch.float64)
        for t, g in enumerate(gradients[1:], start=1):
            ready = (g / squares.sqrt().clamp(min=1e-6)).clamp(-(t**0.25), t**0.25)
            momentum = 0.9 * momentum + 0.1 * ready
            squares = 0.8 * squares + 0.2 * g * g
            yield momentum

    follows(
        {
            "treatment": {"part": "past_squares", "beta2": 0.8, "eps": 1e-6},
            "momentum": {"part": "lookahead", "blend": 0.9, "beta": 0.9},
        },
        updates,
    )
    # the direction of an entry does not shrink with its own new gradient: that is what ADOPT is for
    state: dict[str, Tensor] = {}
    small, large = torch.full((1,), 1e-3), torch.full((1,), 1.0)
    gradient.over_past_squares(small, state, 0.9, 1e-8, 1)
    assert gradient.over_past_squares(large, state, 0.9, 1e-8, 10_001).item() == pytest.approx(10.0)


def test_mars_adds_the_change_and_clips() -> None:
    def updates(gradients: list[Tensor]) -> Iterator[Tensor]:
        before, momentum = gradients[0], torch.zeros(6, 4, dtype=torch.float64)
        for t, g in enumerate(gradients, start=1):
            corrected = g + 0.1 * 0.9 / 0.1 * (g - before)
            corrected = corrected / max(1.0, float(corrected.norm()) / 3)
            before = g
            momentum = 0.9 * momentum + 0.1 * corrected
            yield momentum / (1 - 0.9**t)

    follows(
        {
            "treatment": {"part": "variance_reduced", "gamma": 0.1, "beta": 0.9, "limit": 3.0},
            "momentum": {"part": "ema", "beta": 0.9},
        },
        updates,
    )


def test_norms_are_kept_near_their_history() -> None:
    def updates(gradients: list[Tensor]) -> Iterator[Tensor]:
        usual = float(gradients[0].norm())
        for t, g in enumerate(gradients, start=1):
            width = 2.0 + (1.1 - 2.0) * t / STEPS
            norm = min(max(float(g.norm()), usual / width), usual * width)
            usual = 0.7 * usual + 0.3 * norm
            yield g * norm / g.norm()

    follows({"treatment": {"part": "clip_history", "kept": 0.7, "first": 2.0, "last": 1.1}},
            updates)  # fmt: skip
    state: dict[str, Tensor] = {}
    for size, expected in ((1.0, 1.0), (100.0, 2.0), (1e-3, 0.55)):
        limited = gradient.clip_to_history(torch.full((1,), size), state, 0.9, 2.0)
        assert limited.item() == pytest.approx(expected)
    state = {}
    for size in (0.0, 0.0, 3.0):
        assert gradient.clip_to_history(torch.full((1,), size), state, 0.9, 2.0).item() == size


def test_spikes_are_clipped_and_growth_is_not() -> None:
    state: dict[str, Tensor] = {}
    sizes = (1.0, 80.0, 400.0, 500.0, 5000.0, 400.0, 0.0)
    usual = 400.0
    for t, size in enumerate(sizes, start=1):
        expected = min(size, 1.5 * usual)
        clipped = gradient.clip_spikes(torch.full((1,), size), state, 0.8, 0.5, t)
        assert clipped.item() == pytest.approx(expected)
        usual = usual**0.8 * size**0.2 if t > 3 else 400.0


@pytest.mark.parametrize(
    "part", ["clip_spikes", "past_squares", "variance_reduced", "clip_history"]
)
def test_a_treatment_may_begin_with_a_later_phase(part: str) -> None:
    """In the middle of a run there is nothing yet that it remembers."""
    adam = {"direction": {"part": "adam"}, "schedule": {"part": "constant", "lr": 0.1}}
    later = adam | {"treatment": {"part": part}, "from": 0.5}
    model = torch.nn.Linear(3, 2)
    found: dict[str, Any] = {}
    exec(render(make_spec({"phases": [adam, later]}), 20), found)
    optimizer = found["Submission"](model.parameters())
    largest = 0.0
    for _ in range(20):
        before = [p.detach().clone() for p in model.parameters()]
        for parameter in model.parameters():
            parameter.grad = torch.ones_like(parameter)
        optimizer.step()
        steps = [
            (p.detach() - b).abs().max() for p, b in zip(model.parameters(), before, strict=True)
        ]
        largest = max(largest, float(max(steps)))
    assert largest < 0.11, "no step is longer than Adam's"


def test_the_line_search_goes_to_the_step_after_which_gradients_are_orthogonal() -> None:
    """On f = |w|^2 h / 2 with exact gradients the factor goes to 1 / h, beside the 1/40."""
    for curvature in (0.2, 3.0):
        state: dict[str, Tensor] = {}
        w = random(6, 4)
        for t in range(1, 80):
            grad = curvature * w
            gain = gradient.line_search(grad, grad, state, 1.0, t)
            w = w - gain * grad if float(w.norm()) > 1e-9 else random(6, 4)
        assert float(gain) * curvature == pytest.approx(1 + gradient.BEYOND, rel=0.05)


@pytest.mark.parametrize("shape", [(12, 12), (24, 8), (5, 12)])
def test_turbo_converges_in_fewer_rounds(shape: tuple[int, int]) -> None:
    x = random(*shape)
    short = x.T if shape[0] > shape[1] else x
    scaled = short * (short @ short.T).abs().sum(1, keepdim=True).rsqrt()
    assert torch.linalg.svdvals(scaled)[0] <= 1 + 1e-12
    ready, plain = matrix.turbo_newton_schulz(x, 4), matrix.newton_schulz(x, 4)
    smallest = [torch.linalg.svdvals(sign).min() for sign in (ready, plain)]
    assert smallest[0] > smallest[1]
    values = torch.linalg.svdvals(matrix.turbo_newton_schulz(x, 5))
    assert values.min() > 0.6
    assert values.max() < 1.3


def test_rounds_are_a_number_of_the_part() -> None:
    x = ill_conditioned(8, 8)
    errors = []
    for rounds in (2, 4, 8, 12):
        values = torch.linalg.svdvals(matrix.polar_express(x, rounds))
        errors.append(float((values - 1).abs().max()))
    assert errors[0] > errors[1] > errors[2] > errors[3]
    assert errors[-1] < 1e-6
    muon = make_spec({"direction": {"part": "muon"}})
    assert "rounds" not in str(muon.to_json())
    other = make_spec({"direction": {"part": "muon", "rounds": 3}})
    assert make_spec(other.to_json()) == other != muon
    assert "ROUNDS = 3  #" in render(other, 10)


@pytest.mark.parametrize("shape", [(24, 8), (6, 30)])
def test_aurora_has_even_rows_and_even_singular_values(shape: tuple[int, int]) -> None:
    long = 0 if shape[0] > shape[1] else 1
    x = random(*shape) * torch.logspace(-1, 1, shape[0], dtype=torch.float64)[:, None]
    spread = []
    for sign in (matrix.newton_schulz(x), spectra.even_polar(x, 0), spectra.even_polar(x, 3)):
        norms = sign.norm(dim=1 - long)
        spread.append(float(norms.std() / norms.mean()))
    assert spread[2] < 0.1
    assert spread[2] < spread[1] / 2 < spread[0]
    values = torch.linalg.svdvals(spectra.even_polar(x, 3))
    assert values.min() > 0.6
    assert values.max() < 1.3
    if shape[0] > shape[1]:
        sparse = x.float()
        sparse[::3] = 0
        for scale in (1.0, 1e-30):
            sign = spectra.even_polar(sparse * scale, 8)
            assert sign.isfinite().all()
            assert not sign[::3].any()
    square = random(6, 6)
    assert torch.equal(spectra.even_polar(square, 3), matrix.newton_schulz(square))


def test_adamuon_divides_the_sign_of_signs() -> None:
    def updates(gradients: list[Tensor]) -> Iterator[Tensor]:
        squares = torch.zeros(6, 4, dtype=torch.float64)
        for t, g in enumerate(gradients, start=1):
            sign = matrix.newton_schulz(torch.sign(g))
            squares = 0.9 * squares + 0.1 * sign * sign
            update = sign / ((squares / (1 - 0.9**t)).sqrt() + 1e-8)
            yield update * 24**0.5 / update.norm()

    follows({"direction": {"part": "adamuon", "beta2": 0.9}}, updates)


def test_polar_grad_has_the_nuclear_norm() -> None:
    def updates(gradients: list[Tensor]) -> Iterator[Tensor]:
        for g in gradients:
            left, sizes, right = torch.linalg.svd(g, full_matrices=False)
            yield sizes.sum() * left @ right

    start, gradients = random(6, 4), [random(6, 4)]
    source = render(make_spec(PLAIN | {"direction": {"part": "polar_grad"}}), 1)
    moved = start - follow(source, start, gradients)
    torch.testing.assert_close(moved, next(updates(gradients)), rtol=1e-3, atol=1e-3)


def test_spectral_powers_lie_between_gradient_and_sign() -> None:
    x = random(6, 4)
    left, sizes, right = torch.linalg.svd(x, full_matrices=False)
    for power in (-0.25, 0.0, 0.5, 1.0):
        expected = (left * (sizes / sizes.norm()) ** power) @ right
        torch.testing.assert_close(spectra.spectral_power(x, power), expected)
    torch.testing.assert_close(spectra.spectral_power(x, 1.0), x / x.norm())
    assert not spectra.spectral_power(torch.zeros(3, 2), 0.5).isnan().any()

    def updates(gradients: list[Tensor]) -> Iterator[Tensor]:
        for t, g in enumerate(gradients, start=1):
            power = -0.25 + 0.5 / (1 + math.exp((t / STEPS - 0.3) / 0.1))
            left, sizes, right = torch.linalg.svd(g, full_matrices=False)
            yield matrix.unit_rms((left * sizes**power) @ right)

    follows({"direction": {"part": "spectral_power_scheduled", "middle": 0.3, "width": 0.1}},
            updates)  # fmt: skip
