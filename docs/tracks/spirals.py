"""Classification: to which of three spirals does a point belong?"""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from tracks.base import Data, Metric, Scale, Track, batch_indices, seeded
from tracks.instance import Seeds

ARMS = 3


class Spirals(Track):
    """which of three spirals a point is on; share of right answers"""

    metric = Metric("accuracy", higher_is_better=True, answers=1, log=True)
    target = 0.95
    scales = {"full": Scale(max_steps=200, batch_size=64, train_samples=2048, eval_samples=1024)}

    def data(self, seeds: Seeds, scale: str) -> Data:
        size = self.scales[scale]
        return Data(
            *points(size.train_samples, seeds.train),
            *points(size.eval_samples, seeds.eval),
            batch_indices(seeds, size),
        )

    def student(self, seeds: Seeds, scale: str) -> nn.Module:
        torch.manual_seed(seeds.student)
        return nn.Sequential(
            nn.Linear(2, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, ARMS)
        )

    def loss(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> Tensor:
        return cross_entropy(model(inputs), targets)

    def measure(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> float:
        return (model(inputs).argmax(-1) == targets).float().mean().item()


def points(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Points [count, 2] with some noise, and the arm [count] of each."""
    random = seeded(seed)
    arm = torch.randint(ARMS, (count,), generator=random)
    along = torch.rand(count, generator=random)
    angle = 5 * along + arm * 2 * torch.pi / ARMS
    place = torch.stack([angle.cos(), angle.sin()], 1) * along[:, None]
    return place + 0.03 * torch.randn((count, 2), generator=random), arm
