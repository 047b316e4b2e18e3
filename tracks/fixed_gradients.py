"""Tracks whose gradients are fixed beforehand, to see what an optimizer does.

The loss of step t is the inner product of the parameters with a given direction G_t, so that the
gradient is G_t wherever the parameters are; the "metric" is a fixed projection of the parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tracks.base import Data, Metric, Objective, Track, seeded
from tracks.instance import Seeds

if TYPE_CHECKING:
    from torch import Tensor, nn


class FixedGradients(Track):
    """A track of this kind; `data` gives its directions to `fixed`."""

    metric = Metric("projection")
    objective: Objective = "final"
    eval_every: Mapping[Objective, int] = {"final": 1, "steps": 1}

    @staticmethod
    def fixed(directions: Tensor, seeds: Seeds) -> Data:
        """The data of these directions, [steps, parameters], in their order."""
        import torch

        steps, size = directions.shape
        projection = torch.randn((1, size), generator=seeded(seeds.eval))
        order = torch.arange(steps)[:, None]
        return Data(directions, torch.zeros(steps), projection, torch.zeros(1), order)

    def loss(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> Tensor:
        return (inputs @ _flat(model)).sum()

    def measure(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> float:
        return (inputs @ _flat(model)).item()


def _flat(model: nn.Module) -> Tensor:
    import torch

    return torch.cat([parameter.flatten().float() for parameter in model.parameters()])
