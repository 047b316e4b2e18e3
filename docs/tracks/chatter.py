"""Language modelling: text of a made-up language, in which a letter depends on the two before."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from tracks.base import Data, Metric, Scale, Track, batch_indices, seeded
from tracks.instance import Seeds

LETTERS, LENGTH, WIDTH = 16, 24, 32


class Chatter(Track):
    """the next letter of a made-up language; bits per letter on unseen text"""

    metric = Metric("bits_per_letter")
    target = 2.2
    scales = {"full": Scale(max_steps=300, batch_size=32, train_samples=4096, eval_samples=512)}

    def data(self, seeds: Seeds, scale: str) -> Data:
        size = self.scales[scale]
        language = 2 * torch.randn((LETTERS, LETTERS, LETTERS), generator=seeded(seeds.teacher))
        chances = language.softmax(-1)

        def split(count: int, seed: int) -> tuple[Tensor, Tensor]:
            random = seeded(seed)
            text = torch.randint(LETTERS, (count, LENGTH + 1), generator=random)
            for at in range(2, LENGTH + 1):
                after = chances[text[:, at - 2], text[:, at - 1]]
                text[:, at] = after.multinomial(1, generator=random)[:, 0]
            return text[:, :-1].clone(), text[:, 1:].clone()

        return Data(
            *split(size.train_samples, seeds.train),
            *split(size.eval_samples, seeds.eval),
            batch_indices(seeds, size),
        )

    def student(self, seeds: Seeds, scale: str) -> nn.Module:
        torch.manual_seed(seeds.student)
        return Reader()

    def loss(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> Tensor:
        return cross_entropy(model(inputs).flatten(0, 1), targets.flatten())

    def measure(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> float:
        return self.loss(model, inputs, targets).item() / math.log(2)


class Reader(nn.Module):
    """Letters [batch, length] to logits [batch, length, LETTERS], by a recurrent network."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(LETTERS, WIDTH)
        self.memory = nn.GRU(WIDTH, 2 * WIDTH, batch_first=True)
        self.readout = nn.Linear(2 * WIDTH, LETTERS)

    def forward(self, letters: Tensor) -> Tensor:
        logits: Tensor = self.readout(self.memory(self.embedding(letters))[0])
        return logits
