"""Regression: a sum of waves, drawn from the teacher's seed, from noisy samples of it."""

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from tracks.base import Data, Metric, Scale, Track, batch_indices, seeded
from tracks.instance import Seeds

WAVES, INPUTS = 8, 4


class Waves(Track):
    """learn a sum of waves over four inputs; mean squared error without the noise"""

    # ratios of a squared error matter, so that results are compared by its logarithm
    metric = Metric("mse", log=True)
    scales = {"full": Scale(max_steps=200, batch_size=64, train_samples=4096, eval_samples=1024)}

    def data(self, seeds: Seeds, scale: str) -> Data:
        size = self.scales[scale]
        random = seeded(seeds.teacher)
        slopes = torch.randn((INPUTS, WAVES), generator=random)
        phases = torch.rand(WAVES, generator=random) * 2 * torch.pi

        def split(count: int, seed: int, noise: float) -> tuple[Tensor, Tensor]:
            random = seeded(seed)
            inputs = torch.randn((count, INPUTS), generator=random)
            values = (inputs @ slopes + phases).sin().sum(1, keepdim=True)
            return inputs, values + noise * torch.randn((count, 1), generator=random)

        return Data(
            *split(size.train_samples, seeds.train, 0.1),
            *split(size.eval_samples, seeds.eval, 0.0),
            batch_indices(seeds, size),
        )

    def student(self, seeds: Seeds, scale: str) -> nn.Module:
        torch.manual_seed(seeds.student)
        return nn.Sequential(nn.Linear(INPUTS, 128), nn.GELU(), nn.Linear(128, 1))

    def loss(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> Tensor:
        return mse_loss(model(inputs), targets)

    def measure(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> float:
        return mse_loss(model(inputs), targets).item()
