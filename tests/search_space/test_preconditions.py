"""Preconditions against references written here in double precision."""

from typing import Any

import pytest
import torch
from torch import Tensor

from helpers.tiny import follow
from search_space.render import render
from search_space.rules import matrix, sides
from search_space.spec import make_spec

STEPS = 12
GENERATOR = torch.Generator().manual_seed(0)


@pytest.fixture(autouse=True)
def the_same_numbers() -> None:
    GENERATOR.manual_seed(0)


def random(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=GENERATOR, dtype=torch.float64)


def moved(choices: dict[str, Any], gradients: list[Tensor]) -> Tensor:
    spec = {"direction": {"part": "raw"}, "schedule": {"lr": 1.0}} | choices
    start = torch.zeros_like(gradients[0])
    return -follow(render(make_spec(spec), len(gradients)), start, gradients)


def root(gram: Tensor, power: float) -> Tensor:
    values, vectors = torch.linalg.eigh(gram)
    return (vectors * values**power) @ vectors.T


def test_soap_with_a_basis_of_every_step() -> None:
    gradients = [random(5, 4) for _ in range(STEPS)]
    left, right = torch.zeros(5, 5).double(), torch.zeros(4, 4).double()
    second, total = torch.zeros(5, 4).double(), torch.zeros(5, 4).double()
    bases = torch.eye(5).double(), torch.eye(4).double()
    for t, g in enumerate(gradients, start=1):
        # in the bases of the gradients before, so that none is turned by itself
        turned = bases[0].T @ g @ bases[1]
        second = 0.9 * second + 0.1 * turned**2
        scaled = turned / ((second / (1 - 0.9**t)).sqrt() + 1e-8)
        total += bases[0] @ scaled @ bases[1].T
        before = bases
        left, right = 0.9 * left + 0.1 * g @ g.T, 0.9 * right + 0.1 * g.T @ g
        bases = torch.linalg.eigh(left)[1], torch.linalg.eigh(right)[1]
        # squares move as the squares of the turned entries' coefficients do
        turns = (bases[0].T @ before[0]) ** 2, (bases[1].T @ before[1]) ** 2
        second = turns[0] @ second @ turns[1].T
    choices = {"precondition": {"part": "soap", "beta2": 0.9, "every": 1}}
    torch.testing.assert_close(moved(choices, gradients), total, rtol=1e-6, atol=1e-6)


def test_soap_muon_is_soap_and_then_the_matrix_sign() -> None:
    gradients = [random(5, 4)]
    soap = moved({"precondition": {"part": "soap"}}, gradients)
    both = {"precondition": {"part": "soap"}, "direction": {"part": "muon"}}
    expected = matrix.newton_schulz(soap) * 5**0.5
    torch.testing.assert_close(moved(both, gradients), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("part", ["soap", "kl_soap"])
def test_the_last_bits_of_a_gradient_do_not_change_the_step(part: str) -> None:
    """As they would if a gradient were turned by itself, and rounding errors became entries."""
    one = [random(16, 16).float() for _ in range(3)]
    other = [g * (1 + 1e-6 * random(16, 16).float()) for g in one]
    steps = [moved({"precondition": {"part": part}}, gradients) for gradients in (one, other)]
    torch.testing.assert_close(*steps, rtol=1e-2, atol=1e-3)


def test_kl_grams_are_whitened_by_the_other_side() -> None:
    state: dict[str, Tensor] = {}
    first = random(5, 4)
    size = first.square().mean().sqrt()
    left, right = torch.eye(5).double() * size, torch.eye(4).double() * size
    inverse = {"left": left.inverse(), "right": right.inverse()}
    for t in range(1, 15):
        g = random(5, 4) if t > 1 else first
        wide, tall = g @ inverse["right"] @ g.T / 4, g.T @ inverse["left"] @ g / 5
        left, right = 0.8 * left + 0.2 * wide, 0.8 * right + 0.2 * tall
        sides.whitened_grams(g, state, 0.8)
        sides.refresh_bases(state, 1, t)
        sides.adam_in_bases(g, g, state, 0.8, 1e-8, t)
        for name, gram in (("left", left), ("right", right)):
            torch.testing.assert_close(state[name], gram)
            values, vectors = torch.linalg.eigh(gram)
            floor = values.clamp(min=float(values.mean()) / 1000)
            inverse[name] = (vectors / floor) @ vectors.T


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e4])
@pytest.mark.parametrize("beta", [0.95, 0.99, 0.999])
def test_kl_bases_follow_as_those_of_soap_do(beta: float, scale: float) -> None:
    """After the first hundred gradients their covariance turns."""
    spread = scale * torch.diag(torch.logspace(0, -1.5, 8, dtype=torch.float64))
    turns = [torch.linalg.qr(random(8, 8))[0] for _ in range(2)]
    states: list[dict[str, Tensor]] = [{}, {}]
    for t in range(1, 401):
        turn = turns[t > 100]
        g = turn @ spread @ random(8, 12)
        for state, average in zip(states, (sides.whitened_grams, sides.side_grams), strict=True):
            average(g, state, beta)
            sides.refresh_bases(state, 10, t)
    covariance = turns[1] @ spread.square() @ turns[1].T
    kl, soap = (off_diagonal(covariance, state["left_basis"]) for state in states)
    assert kl < 1.2 * soap + 0.01


def off_diagonal(matrix: Tensor, basis: Tensor) -> float:
    turned = basis.T @ matrix @ basis
    return float((turned - turned.diagonal().diag()).norm() / turned.norm())


def test_kl_grams_begin_with_the_first_gradient_that_is_not_zero() -> None:
    gradients = [random(5, 4) for _ in range(30)]
    states: list[dict[str, Tensor]] = [{}, {}]
    for zeros, state in zip((0, 20), states, strict=True):
        for t, g in enumerate([torch.zeros(5, 4).double()] * zeros + gradients, start=1):
            sides.whitened_grams(g, state, 0.99)
            sides.refresh_bases(state, 10, t)
    for name, gram in states[0].items():
        torch.testing.assert_close(states[1][name], gram)


def test_kl_soap_finds_the_covariance_of_each_side() -> None:
    """Gradients A Z B: the left Gram matrix becomes a multiple of A A^T whatever B is."""
    spread = torch.diag(torch.logspace(-1, 1, 4, dtype=torch.float64))
    turn = torch.linalg.qr(random(5, 5))[0]
    side = turn @ torch.diag(torch.linspace(1, 3, 5, dtype=torch.float64))
    errors = {}
    for name in ("kl", "plain"):
        state: dict[str, Tensor] = {}
        for t in range(1, 800):
            g = side @ random(5, 4) @ spread
            if name == "kl":
                sides.whitened_grams(g, state, 0.98)
            else:
                sides.side_grams(g, state, 0.98)
            sides.refresh_bases(state, 10, t)
            state.setdefault("second", torch.zeros_like(g))
        gram, true = state["left"], side @ side.T
        errors[name] = float((gram / gram.norm() - true / true.norm()).norm())
    assert errors["kl"] < 0.2
    assert errors["kl"] < 0.7 * errors["plain"]


def test_shampoo_before_a_direction_has_its_power() -> None:
    g = random(4, 4)
    # one step: (G G^T)^(-1/4) G (G^T G)^(-1/4) is the polar factor, to unit rms
    quarter = moved({"precondition": {"part": "shampoo"}}, [g])
    torch.testing.assert_close(quarter, matrix.polar_factor(g) * 2, rtol=1e-3, atol=1e-3)
    eighth = moved({"precondition": {"part": "shampoo", "power": 0.125}}, [g])
    expected = root(g @ g.T, -0.125) @ g @ root(g.T @ g, -0.125)
    torch.testing.assert_close(eighth, matrix.unit_rms(expected), rtol=1e-3, atol=1e-3)


def test_adam_before_the_matrix_sign() -> None:
    gradients = [random(4, 3) for _ in range(3)]
    adam = moved({"direction": {"part": "adam", "beta2": 0.9}}, gradients)
    same = moved({"precondition": {"part": "adam", "beta2": 0.9}}, gradients)
    torch.testing.assert_close(same, adam)
