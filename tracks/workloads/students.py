"""The students of the workloads."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tracks.byte_gpt import BYTES

PATCH, SIDE = 2, 8
CLASSES = 10


class RecurrentBytes(nn.Module):
    """Bytes [batch, length] to logits [batch, length, 256] by a gated recurrent unit."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(BYTES, width)
        self.recurrent = nn.GRU(width, width, batch_first=True)
        self.readout = nn.Linear(width, BYTES)

    def forward(self, tokens: Tensor) -> Tensor:
        states, _ = self.recurrent(self.embedding(tokens))
        logits: Tensor = self.readout(states)
        return logits


def perceptron(
    inputs: int, width: int, layers: int, outputs: int, activation: type[nn.Module]
) -> nn.Sequential:
    """`layers` hidden layers of this width."""
    widths = [inputs, *[width] * layers]
    hidden = [(_scaled(a, b), activation()) for a, b in pairwise(widths)]
    return nn.Sequential(*[module for pair in hidden for module in pair], nn.Linear(width, outputs))


def _scaled(inputs: int, outputs: int) -> nn.Linear:
    """Weights that keep the size of activations, for tanh (Glorot and Bengio 2010)."""
    layer = nn.Linear(inputs, outputs)
    nn.init.xavier_uniform_(layer.weight, nn.init.calculate_gain("tanh"))
    return layer


def convolutional(channels: int) -> nn.Sequential:
    """Images [batch, 8, 8] to logits of ten classes."""
    return nn.Sequential(
        nn.Unflatten(1, (1, SIDE)),
        nn.Conv2d(1, channels, 3, padding=1),
        nn.BatchNorm2d(channels),
        nn.ReLU(),
        nn.Conv2d(channels, 2 * channels, 3, stride=2, padding=1),
        nn.BatchNorm2d(2 * channels),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(2 * channels * (SIDE // 2) ** 2, CLASSES),
    )


class VisionTransformer(nn.Module):
    """Images [batch, 8, 8] in patches of 2x2, to logits of ten classes."""

    def __init__(self, width: int, layers: int) -> None:
        super().__init__()
        self.patches = nn.Conv2d(1, width, PATCH, stride=PATCH)
        self.position = nn.Parameter(0.02 * torch.randn((SIDE // PATCH) ** 2, width))
        self.blocks = nn.ModuleList(AttentionBlock(width, 2, wide=2) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.readout = nn.Linear(width, CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        x = self.patches(images[:, None]).flatten(2).mT + self.position
        for block in self.blocks:
            x = block(x)
        logits: Tensor = self.readout(self.norm(x).mean(1))
        return logits


class AttentionBlock(nn.Module):
    """Pre-norm attention and, where `wide` is not 0, an MLP of `wide` times the width."""

    def __init__(self, width: int, heads: int, wide: int = 0) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.packed = nn.Linear(width, 3 * width)
        self.mix = nn.Linear(width, width)
        self.mlp: nn.Sequential | None = None
        if wide:
            self.mlp = nn.Sequential(
                nn.LayerNorm(width),
                nn.Linear(width, wide * width),
                nn.GELU(),
                nn.Linear(wide * width, width),
            )

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        packed = self.packed(self.norm(x)).view(batch, length, 3, self.heads, -1)
        q, k, v = packed.permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(q, k, v)
        x = x + self.mix(attended.transpose(1, 2).reshape(batch, length, width))
        return x + self.mlp(x) if self.mlp else x


class BagOfTokens(nn.Module):
    """Tokens [batch, length] to logits: the mean of their rows, and a linear readout."""

    def __init__(self, tokens: int, width: int, classes: int) -> None:
        super().__init__()
        self.table = nn.Embedding(tokens, width)
        self.readout = nn.Linear(width, classes)

    def forward(self, tokens: Tensor) -> Tensor:
        logits: Tensor = self.readout(self.table(tokens).mean(1))
        return logits
