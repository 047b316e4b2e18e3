"""random_teacher: learn a random one-head attention layer from its outputs (caffeine benchmark)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracks.base import (
    Data,
    Metric,
    Objective,
    Proxy,
    Scale,
    Track,
    Training,
    batch_indices,
    seeded,
)
from tracks.instance import Seeds

if TYPE_CHECKING:
    from torch import Tensor, nn

CHUNK = 512
"""Sequences in one forward pass without gradients on a CPU: the same bits as the whole set."""


@dataclass(frozen=True)
class TeacherScale(Scale):
    """`sharpness` multiplies the teacher's logits, whose spread is width / 3.

    With sharpness 128 / width a narrow teacher is as close to one-hot attention as the full one.
    """

    width: int
    length: int
    sharpness: float = 1.0

    @property
    def work(self) -> int:
        return super().work * self.length * self.width


class RandomTeacher(Track):
    name = "random_teacher"
    summary = "regress a random one-head attention layer; final MSE on new inputs"
    task = (
        "For x [sequence, d] normal: f(x) = softmax(Q K^T / sqrt(d)) V Wo^T + bo with Q = x Wq^T + "
        "bq, K and V likewise, one head; Wq, Wk, Wv are the rows of in_proj_weight. Targets are f "
        "with a teacher's parameters, uniform in (-1, 1); loss: mean squared error. The student "
        "begins as torch.nn.MultiheadAttention does."
    )
    structure = "attention"
    metric = Metric("mse", log=True)
    target = 4e-7
    objective = "final"
    eval_every: Mapping[Objective, int] = {"final": 100, "steps": 20}
    time_limit_s = 120.0
    max_slowdown = 20.0
    scales: Mapping[str, TeacherScale] = {
        "full": TeacherScale(400, 512, 8192, 2048, width=128, length=64),
        "short": TeacherScale(100, 256, 4096, 1024, width=128, length=64),
        "half": TeacherScale(400, 256, 4096, 1024, width=64, length=32, sharpness=2.0),
        "three_eighths": TeacherScale(400, 96, 3072, 512, width=48, length=24, sharpness=8 / 3),
        "quarter": TeacherScale(400, 128, 2048, 512, width=32, length=16, sharpness=4.0),
        "eighth": TeacherScale(400, 64, 1024, 256, width=16, length=8, sharpness=8.0),
        "small": TeacherScale(40, 32, 256, 64, width=16, length=8),
        "tiny": TeacherScale(40, 16, 128, 32, width=8, length=4, sharpness=2.0),
    }
    proxies: Mapping[str, Sequence[Proxy]] = {
        "full": (Proxy("three_eighths", 1 / 3), Proxy("short", 1 / 4)),
        "small": (Proxy("tiny", 1 / 2),),
    }
    screen = "short"

    def teacher(self, seeds: Seeds, size: TeacherScale) -> nn.MultiheadAttention:
        import torch

        teacher = _attention(size.width)
        generator = seeded(seeds.teacher)
        with torch.no_grad():
            for parameter in teacher.parameters():
                parameter.uniform_(-1, 1, generator=generator)
            weight, bias, *_ = teacher.parameters()
            for projection in (weight, bias):
                projection[: 2 * size.width] *= size.sharpness**0.5
        teacher.eval()
        return teacher

    def data(self, seeds: Seeds, scale: str) -> Data:
        import torch

        size = self.scales[scale]
        teacher = self.teacher(seeds, size)

        def split(seed: int, samples: int) -> tuple[Tensor, Tensor]:
            inputs = torch.randn((samples, size.length, size.width), generator=seeded(seed))
            return inputs, _outputs(teacher, inputs)

        return Data(
            *split(seeds.train, size.train_samples),
            *split(seeds.eval, size.eval_samples),
            batch_indices(seeds, size),
        )

    def student(self, seeds: Seeds, scale: str) -> nn.Module:
        import torch

        torch.manual_seed(seeds.student)
        return _attention(self.scales[scale].width)

    def loss(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> Tensor:
        from torch.nn.functional import mse_loss

        return mse_loss(model(inputs, inputs, inputs, need_weights=False)[0], targets)

    def fused(self, model: nn.Module, data: Data) -> Training:
        from torch import nn

        from tracks.fused.attention import FusedAttention
        from tracks.fused.graph import as_graph

        assert isinstance(model, nn.MultiheadAttention)
        return as_graph(FusedAttention(model, data), data)

    def measure(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> float:
        from torch.nn.functional import mse_loss

        return mse_loss(_outputs(model, inputs), targets).item()


def _attention(width: int) -> nn.MultiheadAttention:
    from torch import nn

    return nn.MultiheadAttention(width, 1, batch_first=True)


def _outputs(model: nn.Module, inputs: Tensor) -> Tensor:
    """Self-attention over all sequences, laid out in memory as one call on all would give it."""
    import torch

    samples, length, width = inputs.shape
    size = CHUNK if inputs.device.type == "cpu" else samples
    outputs = inputs.new_empty(length, samples, width).transpose(0, 1)
    with torch.no_grad():
        for start in range(0, len(inputs), size):
            chunk = inputs[start : start + size]
            outputs[start : start + size] = model(chunk, chunk, chunk, need_weights=False)[0]
    return outputs


TRACKS = (RandomTeacher(),)
