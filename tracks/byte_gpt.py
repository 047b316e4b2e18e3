"""The student of tiny_lm: a small GPT over bytes."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

BYTES = 256


class ByteGPT(nn.Module):
    """Bytes [batch, length] to logits [batch, length, 256].

    Learned positions, pre-norm blocks of causal attention and a ReLU^2 MLP, RMSNorm without gains,
    no biases, an untied readout. Matrices begin normal with variance 1 / inputs, those that write
    to the residual stream with 1 / (2 layers) of that. With `low_precision`, a GPU
    computes products in bfloat16; parameters and gradients are always float32.
    """

    def __init__(
        self, width: int, layers: int, heads: int, length: int, *, low_precision: bool = False
    ) -> None:
        super().__init__()
        self.low_precision = low_precision
        self.embedding = nn.Embedding(BYTES, width)
        self.position = nn.Embedding(length, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.readout = nn.Linear(width, BYTES, bias=False)
        with torch.no_grad():
            for block in self.blocks:
                for written in (block.mix, block.down):
                    assert isinstance(written, nn.Linear)
                    written.weight.mul_((2 * layers) ** -0.5)

    def forward(self, tokens: Tensor) -> Tensor:
        with torch.autocast("cuda", torch.bfloat16, enabled=self.low_precision and tokens.is_cuda):
            x = self.embedding(tokens) + self.position.weight[: tokens.shape[1]]
            for block in self.blocks:
                x = block(x)
            logits: Tensor = self.readout(normed(x))
        # a loss in bfloat16 would have steps of a hundredth of a bit
        return logits.float()


class Block(nn.Module):
    """One layer: x + attention(norm(x)), then x + MLP(norm(x))."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.attend = _matrix(width, 3 * width)
        self.mix = _matrix(width, width)
        self.up = _matrix(width, 4 * width)
        self.down = _matrix(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        packed = self.attend(normed(x)).view(batch, length, 3, self.heads, -1)
        q, k, v = packed.permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.mix(attended.transpose(1, 2).reshape(batch, length, width))
        rectified: Tensor = F.relu(self.up(normed(x)))
        out: Tensor = x + self.down(rectified.square())
        return out


def normed(x: Tensor) -> Tensor:
    return F.rms_norm(x, (x.shape[-1],))


def _matrix(inputs: int, outputs: int) -> nn.Linear:
    matrix = nn.Linear(inputs, outputs, bias=False)
    nn.init.normal_(matrix.weight, std=inputs**-0.5)
    return matrix
