"""The student of tiny_lm under the names and shapes of track 3's model, for its scripts to train.

The packed attention matrix is three parameters; bytes and positions are one embedding. What the
model computes is what `ByteGPT` computes.
"""

from types import SimpleNamespace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tracks.base import Data, Track
from tracks.byte_gpt import BYTES, Block, ByteGPT, normed


class Finished(Exception):
    """The script goes on after the last step of the run."""


class Diverged(Exception):
    """The training loss is not a finite number."""


class Weight(nn.Module):
    """A matrix without a bias."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight.detach().clone())

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight)


def statistics(name: str, shape: tuple[int, ...]) -> dict[str, Tensor]:
    """Where result 15 adds up the products of a module's inputs."""
    return {f"{name}_xtx": torch.zeros(shape), f"{name}_count": torch.zeros(())}


class Attention(nn.Module):
    def __init__(self, block: Block) -> None:
        super().__init__()
        width = block.mix.weight.shape[0]
        vars(self).update(statistics("qkv", (width, width)) | statistics("o", (width, width)))
        self.num_heads = block.heads
        self.q, self.k, self.v = (Weight(w) for w in block.attend.weight.chunk(3))
        self.proj = Weight(block.mix.weight)

    def forward(self, x: Tensor) -> Tensor:
        heads = (x.shape[0], x.shape[1], self.num_heads, -1)
        q, k, v = (part(x).view(heads).transpose(1, 2) for part in (self.q, self.k, self.v))
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        mixed: Tensor = self.proj(attended.transpose(1, 2).reshape(x.shape))
        return mixed


class MLP(nn.Module):
    def __init__(self, block: Block) -> None:
        super().__init__()
        self.fc, self.proj = Weight(block.up.weight), Weight(block.down.weight)
        width = block.up.weight.shape[1]
        of_proj = statistics("proj", (4, width, width))
        vars(self).update(statistics("fc", (width, width)) | of_proj)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.proj(F.relu(self.fc(x)).square())
        return out


class Layer(nn.Module):
    def __init__(self, block: Block) -> None:
        super().__init__()
        self.attn, self.mlp = Attention(block), MLP(block)
        # without gains, but some scripts begin with other ones
        gains = torch.ones(block.mix.weight.shape[0])
        self.norm1, self.norm2 = SimpleNamespace(gains=gains), SimpleNamespace(gains=gains.clone())

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(normed(x))
        out: Tensor = x + self.mlp(normed(x))
        return out


class Student(nn.Module):
    """Called with inputs and targets, as track 3's model is.

    In training it returns the loss summed over the batch (`mean` divides by the number of bytes).
    In evaluation mode it returns a constant, so that a script's evaluations cost nothing; after
    the last step it measures the track's metric with the parameters of that moment and keeps it.
    """

    def __init__(self, track: Track, student: ByteGPT, data: Data, *, mean: bool) -> None:
        super().__init__()
        self.embed = Weight(torch.cat([student.embedding.weight, student.position.weight]))
        self.blocks = nn.ModuleList(Layer(b) for b in student.blocks if isinstance(b, Block))
        self.proj = Weight(student.readout.weight)
        self.track, self.data, self.mean = track, data, mean
        self.head_dim = student.embedding.weight.shape[1] // self.blocks[0].attn.num_heads
        self.trained = 0
        self.restarted = False
        self.measured: list[float] = []
        self._start = {name: p.detach().clone() for name, p in self.named_parameters()}

    def restart_once(self) -> None:
        """Takes back what a script did to the initial parameters, the first time."""
        if self.restarted:
            return
        self.restarted = True
        with torch.no_grad():
            for name, parameter in self.named_parameters():
                parameter.copy_(self._start[name])

    def compile(self, *args: object, **kwargs: object) -> None:
        """Runs as it is."""

    def logits(self, tokens: Tensor) -> Tensor:
        x = F.embedding(tokens, self.embed.weight) + self.embed.weight[BYTES:][: tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        logits: Tensor = self.proj(normed(x))
        return logits

    def forward(self, inputs: Tensor, targets: Tensor) -> Tensor:
        steps = len(self.data.batch_indices)
        if not self.training:
            if self.trained == steps:
                self.measured.append(self.measure())
            return torch.tensor(11.0 * (1 if self.mean else targets.numel()))
        if self.trained == steps:
            raise Finished
        if self.trained == 0 and any(
            not torch.equal(p, self._start[name]) for name, p in self.named_parameters()
        ):
            raise AssertionError("the initial parameters are not the track's")
        self.trained += 1
        how = "mean" if self.mean else "sum"
        loss = F.cross_entropy(self.logits(inputs).flatten(0, 1), targets.flatten(), reduction=how)
        if not loss.isfinite():
            raise Diverged
        return loss

    def measure(self) -> float:
        bare = _Logits(self)
        return self.track.measure(bare, self.data.eval_inputs, self.data.eval_targets)


class _Logits(nn.Module):
    """The student as the track calls it."""

    def __init__(self, student: Student) -> None:
        super().__init__()
        self._logits = student.logits

    def forward(self, tokens: Tensor) -> Tensor:
        return self._logits(tokens)
