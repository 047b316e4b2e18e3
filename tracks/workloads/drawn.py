"""Tasks whose data is drawn from a teacher: MLP, attention, embedding tables, a deep narrow net."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING

from tracks.base import Data, batch_indices, seeded
from tracks.instance import Seeds
from tracks.workload import Workload, chosen, size

if TYPE_CHECKING:
    from torch import Tensor, nn

TRAIN, UNSEEN = 16384, 512
INPUTS, WAVES = 8, 16
TOKENS, BAG, CLASSES = 2000, 8, 32
KEYS, WIDTH = 16, 32
SHARPER, NOISE = 3.0, 0.1
TURNS = 1.75


class Drawn(Workload):
    """Data of a teacher that the instance's seeds draw."""

    scales = size(batch=64, samples=TRAIN, evaluated=UNSEEN)

    def data(self, seeds: Seeds, scale: str) -> Data:
        size = self.scales[scale]
        read = self.samples(seeds, size.train_samples, seeds.train)
        unseen = self.samples(seeds, size.eval_samples, seeds.eval)
        return Data(*read, *unseen, batch_indices(seeds, size))

    @abstractmethod
    def samples(self, seeds: Seeds, count: int, seed: int) -> tuple[Tensor, Tensor]:
        """Inputs and targets, `count` of each, of the teacher of `seeds`."""


class MLP(Drawn):
    name = "mlp"
    summary = "a multilayer perceptron fits a sum of waves"
    length = 300

    def samples(self, seeds: Seeds, count: int, seed: int) -> tuple[Tensor, Tensor]:
        import torch

        teacher = seeded(seeds.teacher)
        slopes = torch.randn((INPUTS, WAVES), generator=teacher) / math.sqrt(INPUTS)
        phases = torch.rand(WAVES, generator=teacher) * 2 * torch.pi
        inputs = torch.randn((count, INPUTS), generator=seeded(seed))
        return inputs, (2 * inputs @ slopes + phases).sin().sum(1, keepdim=True) / 2

    def student(self, seeds: Seeds, scale: str) -> nn.Module:
        import torch

        from tracks.workloads.students import perceptron

        torch.manual_seed(seeds.student)
        return perceptron(INPUTS, chosen(seeds, "width", (64, 96, 128)), 3, 1, torch.nn.GELU)

    def loss(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> Tensor:
        from torch.nn.functional import mse_loss

        return mse_loss(model(inputs), targets)


class DeepNarrow(Drawn):
    name = "deep_narrow"
    summary = "ten narrow layers without shortcuts tell two spirals apart"
    length = 400

    def samples(self, seeds: Seeds, count: int, seed: int) -> tuple[Tensor, Tensor]:
        import torch

        random = seeded(seed)
        start = 2 * torch.pi * torch.rand((), generator=seeded(seeds.teacher))
        arm = torch.randint(2, (count,), generator=random)
        radius = 0.1 + torch.rand(count, generator=random).sqrt()
        angle = start + 2 * torch.pi * (TURNS * radius + arm / 2)
        points = 2 * radius[:, None] * torch.stack([angle.cos(), angle.sin()], 1)
        return points + NOISE * torch.randn((count, 2), generator=random), arm

    def student(self, seeds: Seeds, scale: str) -> nn.Module:
        import torch

        from tracks.workloads.students import perceptron

        torch.manual_seed(seeds.student)
        return perceptron(2, chosen(seeds, "width", (16, 20, 24)), 10, 2, torch.nn.Tanh)

    def loss(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> Tensor:
        from torch.nn.functional import cross_entropy

        return cross_entropy(model(inputs), targets)


class Tables(Drawn):
    name = "tables"
    summary = "an embedding table with rare tokens says the topic of a bag of tokens"
    length = 300

    def samples(self, seeds: Seeds, count: int, seed: int) -> tuple[Tensor, Tensor]:
        import torch

        random, teacher = seeded(seed), seeded(seeds.teacher)
        topics = torch.randn((TOKENS, CLASSES), generator=teacher)
        # Zipf's law, in an order of the teacher's
        frequency = 1 / (torch.randperm(TOKENS, generator=teacher) + 2.0)
        bags = torch.multinomial(frequency, count * BAG, replacement=True, generator=random)
        bags = bags.view(count, BAG)
        logits = topics[bags].sum(1)
        return bags, torch.multinomial(logits.softmax(1), 1, generator=random)[:, 0]

    def student(self, seeds: Seeds, scale: str) -> nn.Module:
        import torch

        from tracks.workloads.students import BagOfTokens

        torch.manual_seed(seeds.student)
        return BagOfTokens(TOKENS, chosen(seeds, "width", (16, 24, 32)), CLASSES)

    def loss(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> Tensor:
        from torch.nn.functional import cross_entropy

        return cross_entropy(model(inputs), targets)


class Attention(Drawn):
    name = "attention"
    summary = "two attention layers fit two others"
    scales = size(batch=32, samples=8192, evaluated=UNSEEN)
    length = 300

    def samples(self, seeds: Seeds, count: int, seed: int) -> tuple[Tensor, Tensor]:
        import torch

        from tracks.workloads.students import AttentionBlock

        teacher, random = self._layers(seeds, seeds.teacher), seeded(seed)
        inputs = torch.randn((count, KEYS, WIDTH), generator=random)
        with torch.no_grad():
            for layer in teacher:
                assert isinstance(layer, AttentionBlock)
                # queries and keys that tell the inputs apart
                layer.packed.weight[: 2 * WIDTH].mul_(SHARPER)
                layer.mix.weight.mul_(SHARPER)
            outputs = teacher(inputs)
        return inputs, outputs + NOISE * torch.randn(outputs.shape, generator=random)

    def student(self, seeds: Seeds, scale: str) -> nn.Module:
        return self._layers(seeds, seeds.student)

    def loss(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> Tensor:
        from torch.nn.functional import mse_loss

        return mse_loss(model(inputs), targets)

    def _layers(self, seeds: Seeds, seed: int) -> nn.Sequential:
        import torch

        from tracks.workloads.students import AttentionBlock

        torch.manual_seed(seed)
        heads = chosen(seeds, "heads", (1, 2, 4))
        return torch.nn.Sequential(*(AttentionBlock(WIDTH, heads) for _ in range(2)))


WORKLOADS = (MLP(), DeepNarrow(), Tables(), Attention())
