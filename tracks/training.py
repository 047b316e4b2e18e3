"""How a trainer computes gradients and the metric: exactly, or by closed-form gradients.

`exact` runs autograd as upstream does, to the bit, for published numbers. `fused` uses the track's
closed-form gradients: several times as fast, and equal up to rounding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracks.contract import loss_of, metric_of
from tracks.procedure import TrainerName

if TYPE_CHECKING:
    from torch import Tensor, nn

    from tracks.base import Data, Track, Training


class AutogradTraining:
    """The track's own loss and metric, as upstream computes them."""

    def __init__(self, track: Track, model: nn.Module, data: Data) -> None:
        self._track, self._model, self._data = track, model, data

    def gradients(self, rows: Tensor) -> float:
        self._model.train()
        for parameter in self._model.parameters():
            parameter.grad = None
        inputs, targets = self._data.train_inputs[rows], self._data.train_targets[rows]
        loss = loss_of(self._track, self._track.loss(self._model, inputs, targets))
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.item()

    def measure(self, whole: bool) -> float:
        import torch

        self._model.eval()
        with torch.no_grad():
            inputs, targets = self._data.eval_inputs, self._data.eval_targets
            return metric_of(self._track, self._track.measure(self._model, inputs, targets))


def training(name: TrainerName, track: Track, model: nn.Module, data: Data) -> Training:
    """The training of this name; `exact` for a track without closed-form gradients."""
    fused = track.fused(model, data) if name == "fused" else None
    return fused or AutogradTraining(track, model, data)
