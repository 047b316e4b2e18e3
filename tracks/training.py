"""What a trainer does with a model: gradients of a batch, and the metric.

`exact` goes through autograd as upstream does, to the bit. `fused` computes the same by formula
and several times as fast, equal up to rounding; what it costs to be exact is spent only where a
number is published.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from torch import Tensor, nn

    from tracks.base import Data, Track

TrainerName = Literal["exact", "fused"]
TRAINERS: tuple[TrainerName, ...] = ("exact", "fused")


class Training(Protocol):
    """One model on the data of one instance."""

    def gradients(self, rows: Tensor) -> float:
        """Set `.grad` of the parameters for the samples `rows` [batch]; returns their loss."""

    def measure(self, whole: bool) -> float:
        """The metric on the evaluation set.

        Unless `whole`, it may stop where the target can no longer be met, with the metric of what
        it has seen.
        """


class AutogradTraining:
    """The track's own loss and metric, as upstream computes them."""

    def __init__(self, track: Track, model: nn.Module, data: Data) -> None:
        self._track, self._model, self._data = track, model, data

    def gradients(self, rows: Tensor) -> float:
        self._model.train()
        for parameter in self._model.parameters():
            parameter.grad = None
        inputs, targets = self._data.train_inputs[rows], self._data.train_targets[rows]
        loss = self._track.loss(self._model, inputs, targets)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.item()

    def measure(self, whole: bool) -> float:
        import torch

        self._model.eval()
        with torch.no_grad():
            inputs, targets = self._data.eval_inputs, self._data.eval_targets
            return self._track.measure(self._model, inputs, targets)


def training(name: TrainerName, track: Track, model: nn.Module, data: Data) -> Training:
    """The trainer by name; `fused` is `exact` for a track that has no formula."""
    fused = track.fused(model, data) if name == "fused" else None
    return fused or AutogradTraining(track, model, data)
