"""tiny_lm: a byte-level GPT on real text; bits per byte on text that it has not seen."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracks import bible
from tracks.base import Data, Metric, Objective, Proxy, Scale, Track, seeded, token_order
from tracks.instance import Seeds
from tracks.track_file import TrackError

if TYPE_CHECKING:
    from torch import Tensor, nn

CHUNK = 128
"""Sequences measured at once."""


@dataclass(frozen=True)
class TextScale(Scale):
    """`length` bytes are one sample. With `low_precision`, a GPU computes products in
    bfloat16."""

    length: int
    width: int
    layers: int
    heads: int
    low_precision: bool = False

    @property
    def work(self) -> int:
        return super().work * self.length * self.width * self.layers


def text_scale(
    steps: int, batch: int, length: int, width: int, layers: int, *, low_precision: bool = False
) -> TextScale:
    """Every sample is read once; there is a head for every 32 of the width, or one."""
    samples = max(64, min(1024, steps * batch // 8))
    of_model = (length, width, layers, max(1, width // 32), low_precision)
    return TextScale(steps, batch, steps * batch, samples, *of_model)


class TinyLM(Track):
    name = "tiny_lm"
    summary = "predict the next byte of a text with a small GPT; bits per byte on unseen text"
    task = (
        "A GPT predicts the next byte of English prose. Parameters in order: byte embeddings "
        "[256, d], positions [length, d], then in each layer attention in [3 d, d] and out [d, "
        "d], MLP in [4 d, d] and out [d, 4 d], then the readout [256, d]; no biases, RMSNorm "
        "without gains, ReLU^2. Matrices begin normal with variance 1 / inputs. Loss: cross- "
        "entropy of the next byte. Every byte is read once."
    )
    metric = Metric("bits_per_byte")
    target: float | None = 2.6
    objective = "final"
    eval_every: Mapping[Objective, int] = {"final": 100, "steps": 20}
    time_limit_s = 120.0
    max_slowdown = 20.0
    can_be_recorded = True
    scales: Mapping[str, TextScale] = {
        "full": text_scale(400, 32, 64, 64, 2),
        "370k": text_scale(400, 32, 64, 96, 3),
        "840k": text_scale(400, 64, 64, 128, 4),
        "5m": text_scale(200, 64, 256, 256, 6, low_precision=True),
        "large": text_scale(1500, 64, 256, 512, 8, low_precision=True),
        "half": text_scale(300, 16, 32, 48, 2),
        "quarter": text_scale(200, 16, 32, 32, 1),
        "small": text_scale(40, 8, 16, 16, 1),
        "tiny": text_scale(30, 8, 8, 8, 1),
    }
    proxies: Mapping[str, Sequence[Proxy]] = {
        "full": (Proxy("quarter", 1 / 3), Proxy("half", 1 / 4)),
        "small": (Proxy("tiny", 1 / 2),),
    }
    screen = "tiny"

    def text(self) -> bytes:
        """What is read; a subclass may read another text, and has to have a name of its own."""
        return bible.text()

    def data(self, seeds: Seeds, scale: str) -> Data:
        import torch

        from tracks.contract import bytes_of

        size = self.scales[scale]
        text = torch.frombuffer(bytearray(bytes_of(self, self.text())), dtype=torch.uint8)
        if seeds.tokens is not None:
            order = token_order(seeds.tokens, 256)
            text = order.to(torch.uint8)[text.long()]
        # as a circle, of which training takes a span and evaluation another
        text = text.roll(-_draw(seeds.train, len(text)))
        trained = size.train_samples * size.length + 1
        evaluated = size.eval_samples * size.length + 1
        if trained + evaluated > len(text):
            raise TrackError(
                f"scale {scale} of {self.name} reads {trained + evaluated:,} bytes, and its text "
                f"has {len(text):,}: take another scale, or a track with a longer text "
                "(docs/tiny_lm.md)"
            )
        after = trained + _draw(seeds.eval, len(text) - trained - evaluated + 1)
        order = torch.randperm(size.train_samples, generator=seeded(seeds.batch))
        read = torch.arange(size.max_steps * size.batch_size) % size.train_samples
        return Data(
            *_samples(text[:trained], size.length),
            *_samples(text[after : after + evaluated], size.length),
            order[read].view(size.max_steps, size.batch_size),
        )

    def student(self, seeds: Seeds, scale: str) -> nn.Module:
        import torch

        from tracks.byte_gpt import ByteGPT

        torch.manual_seed(seeds.student)
        size = self.scales[scale]
        return ByteGPT(
            size.width, size.layers, size.heads, size.length, low_precision=size.low_precision
        )

    def loss(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> Tensor:
        from torch.nn.functional import cross_entropy

        return cross_entropy(model(inputs.long()).flatten(0, 1), targets.flatten().long())

    def measure(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> float:
        nats = 0.0
        for start in range(0, len(inputs), CHUNK):
            given, asked = inputs[start : start + CHUNK], targets[start : start + CHUNK]
            nats += len(asked) * self.loss(model, given, asked).item()
        return nats / len(inputs) / math.log(2)


def _draw(seed: int, below: int) -> int:
    import torch

    return int(torch.randint(below, (), generator=seeded(seed)))


def _samples(text: Tensor, length: int) -> tuple[Tensor, Tensor]:
    """Inputs and the bytes that follow them, [samples, length] each."""
    return text[:-1].view(-1, length), text[1:].view(-1, length)


TRACKS = (TinyLM(),)
