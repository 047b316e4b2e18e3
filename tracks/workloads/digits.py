"""Handwritten digits of scikit-learn: a small convolutional network and a vision transformer."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tracks.base import Data, batch_indices, seeded
from tracks.instance import Seeds
from tracks.workload import Workload, chosen, size

if TYPE_CHECKING:
    from torch import Tensor, nn

UNSEEN = 500
NOISE = 0.3
"""Standard deviation of the noise on each pixel; pixels go from 0 to 2."""


@cache
def digits() -> tuple[Tensor, Tensor]:
    """Images [1797, 8, 8] from 0 to 2, and what they show."""
    import torch
    from sklearn.datasets import load_digits

    found = load_digits()
    images = torch.tensor(found.images, dtype=torch.float32) / 8
    return images, torch.tensor(found.target)


class Digits(Workload):
    """Say which digit a noisy image shows."""

    scales = size(batch=32, samples=1797 - UNSEEN, evaluated=UNSEEN)

    def data(self, seeds: Seeds, scale: str) -> Data:
        import torch

        images, labels = digits()
        order = torch.randperm(len(images), generator=seeded(seeds.train))
        noise = NOISE * torch.randn(images.shape, generator=seeded(seeds.eval))
        images, labels = (images + noise)[order], labels[order]
        read, unseen = slice(UNSEEN, None), slice(UNSEEN)
        split = (images[read], labels[read], images[unseen], labels[unseen])
        return Data(*split, batch_indices(seeds, self.scales[scale]))

    def loss(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> Tensor:
        from torch.nn.functional import cross_entropy

        return cross_entropy(model(inputs), targets)


class DigitsCNN(Digits):
    name = "digits_cnn"
    summary = "a convolutional network with batch norm on handwritten digits"
    length = 150

    def student(self, seeds: Seeds, scale: str) -> nn.Module:
        import torch

        from tracks.workloads.students import convolutional

        torch.manual_seed(seeds.student)
        return convolutional(chosen(seeds, "channels", (8, 12, 16)))


class DigitsViT(Digits):
    name = "digits_vit"
    summary = "a vision transformer on handwritten digits"
    length = 200

    def student(self, seeds: Seeds, scale: str) -> nn.Module:
        import torch

        from tracks.workloads.students import VisionTransformer

        torch.manual_seed(seeds.student)
        layers = chosen(seeds, "layers", (1, 2))
        return VisionTransformer(chosen(seeds, "width", (32, 48, 64)), layers)


WORKLOADS = (DigitsCNN(), DigitsViT())
