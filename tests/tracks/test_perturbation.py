"""A student perturbed in the last bit: the harness does it, and only where it is asked for."""

from dataclasses import fields

import pytest
import torch

from helpers import Run
from helpers.sources import with_step
from tracks.isolation.protocol import Setup
from tracks.perturbation import perturb
from tracks.procedure import TRAINERS, Procedure, TrainerName


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_every_weight_moves_by_its_last_bit(dtype: torch.dtype) -> None:
    torch.manual_seed(3)
    weights = [torch.randn(40, 7, dtype=dtype), torch.zeros(7, dtype=dtype)]
    before, state = [w.clone() for w in weights], torch.random.get_rng_state()
    perturb(weights, 5)
    assert torch.equal(torch.random.get_rng_state(), state)
    moved = (weights[0] - before[0]) / before[0].abs() / torch.finfo(dtype).eps
    assert moved.abs().min() >= 0.5
    assert moved.abs().max() <= 2
    assert 0.3 < (moved > 0).double().mean() < 0.7
    assert torch.equal(weights[1], before[1])
    again, other = [w.clone() for w in before], [w.clone() for w in before]
    perturb(again, 5)
    perturb(other, 6)
    assert torch.equal(again[0], weights[0])
    assert not torch.equal(other[0], weights[0])


@pytest.mark.parametrize("trainer", TRAINERS)
def test_a_run_begins_from_the_perturbed_weights(run: Run, trainer: TrainerName) -> None:
    """The failure of a step that reports the weights says what the optimizer was given."""
    source = with_step("raise ValueError([p.double().sum().item() for p in "
                       "self.param_groups[0]['params']])")  # fmt: skip

    def given(perturbed: int | None) -> str:
        procedure = Procedure(20, trainer, perturbed=perturbed)
        return run(source, scale="tiny", procedure=procedure).reason

    usual, one, two = given(None), given(1), given(2)
    assert usual.startswith("ValueError: [")
    assert usual == given(None)
    assert one == given(1)
    assert len({usual, one, two}) == 3


def test_the_host_is_not_told() -> None:
    assert not [field.name for field in fields(Setup) if field.name in ("procedure", "perturbed")]
