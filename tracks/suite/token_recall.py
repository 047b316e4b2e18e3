"""single_ar and mqar: recall the values of keys seen in a sequence (caffeine benchmark).

A pair token is `key * values + value`, a query token `keys * values + key`.
"""

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
    token_order,
)
from tracks.instance import Seeds

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class RecallScale(Scale):
    keys: int
    values: int
    pairs: int
    width: int

    @property
    def vocabulary(self) -> int:
        return self.keys * self.values + self.keys


class TokenRecall(Track):
    structure = "tables"
    target = 0.99
    objective = "steps"
    eval_every: Mapping[Objective, int] = {"final": 50, "steps": 1}
    needs_deterministic_algorithms = True
    scales: Mapping[str, RecallScale] = {
        "full": RecallScale(400, 256, 65_536, 4_096, keys=64, values=64, pairs=8, width=64),
        "half": RecallScale(400, 64, 16_384, 1_024, keys=32, values=32, pairs=8, width=32),
        "quarter": RecallScale(400, 48, 8_192, 512, keys=24, values=24, pairs=8, width=32),
        "small": RecallScale(80, 64, 1_024, 256, keys=8, values=8, pairs=4, width=16),
        "tiny": RecallScale(80, 32, 512, 128, keys=6, values=6, pairs=4, width=8),
    }
    proxies: Mapping[str, Sequence[Proxy]] = {
        "full": (Proxy("quarter", 1 / 2), Proxy("half", 1 / 2)),
        "small": (Proxy("tiny", 1 / 2),),
    }
    screen = "quarter"

    def __init__(self, name: str, queries: int) -> None:
        self.name = name
        self.queries = queries
        self.metric = Metric("accuracy", higher_is_better=True, answers=queries, log=True)
        self.summary = f"recall the values of {queries} of 8 keys; steps to 99% accuracy"
        self.task = (
            "A sequence has 8 pairs of a key and a value, one token a pair, then "
            f"{queries} tokens that ask for the value of one of its keys. Tables q, k and v have a "
            "row for every token and begin normal with variance 1. For a query token a and pairs "
            "b_i: s_i = <q_a, k_(b_i)> / sqrt(d); logits = W sum_i softmax(s)_i v_(b_i) + c, with "
            "readout W, c; loss: cross-entropy of the value. Only rows in the batch get a gradient."
        )

    def data(self, seeds: Seeds, scale: str) -> Data:
        size = self.scales[scale]
        order = None
        if seeds.tokens is not None:
            order = token_order(seeds.tokens, size.vocabulary)

        def split(seed: int, samples: int) -> tuple[Tensor, Tensor]:
            tokens, targets = _sequences(seed, samples, size, self.queries)
            return (tokens if order is None else order[tokens]), targets

        return Data(
            *split(seeds.train, size.train_samples),
            *split(seeds.eval, size.eval_samples),
            batch_indices(seeds, size),
        )

    def student(self, seeds: Seeds, scale: str) -> nn.Module:
        import torch

        from tracks.recall_student import Recall

        torch.manual_seed(seeds.student)
        size = self.scales[scale]
        return Recall(size.vocabulary, size.values, size.pairs, size.width)

    def loss(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> Tensor:
        from torch.nn.functional import cross_entropy

        return cross_entropy(model(inputs).transpose(1, 2), targets)

    def fused(self, model: nn.Module, data: Data) -> Training:
        from tracks.fused.graph import as_graph
        from tracks.fused.recall import FusedRecall
        from tracks.recall_student import Recall

        assert isinstance(model, Recall)
        return as_graph(FusedRecall(model, data, model.pairs, self.target), data)

    def measure(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> float:
        correct: Tensor = model(inputs).argmax(-1) == targets
        return correct.float().mean().item()


def _sequences(seed: int, samples: int, size: RecallScale, queries: int) -> tuple[Tensor, Tensor]:
    """Tokens [samples, pairs + queries] and targets [samples, queries], in upstream's order."""
    import torch

    from tracks.random_stream import RandomStream

    stream = RandomStream(seed)
    keys = stream.permutations(size.keys, samples, kept=size.pairs)
    values = stream.integers(size.values, (samples, size.pairs))
    slots = stream.integers(size.pairs, (samples, queries))
    pair_tokens = keys * size.values + values
    query_tokens = size.keys * size.values + keys.gather(1, slots)
    return torch.cat([pair_tokens, query_tokens], 1), values.gather(1, slots)


TRACKS = (TokenRecall("single_ar", queries=1), TokenRecall("mqar", queries=8))
