"""How a trainer computes gradients and the metric: exactly, or by closed-form gradients.

`exact` runs autograd as upstream does, to the bit, for published numbers. `fused` uses the track's
closed-form gradients: several times as fast, and equal up to rounding. A track without them has
autograd there too, on a GPU as a recorded step if it allows that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracks.contract import loss_of, metric_of
from tracks.gpu import is_out_of_memory
from tracks.procedure import TrainerName

if TYPE_CHECKING:
    from torch import Tensor, nn

    from tracks.base import Data, Track, Training


class AutogradTraining:
    """The track's own loss and metric, as upstream computes them."""

    def __init__(self, track: Track, model: nn.Module, data: Data) -> None:
        self._track, self._model, self._data = track, model, data
        # walks over the modules, which a small step notices
        self._parameters = list(model.parameters())
        self._in_train_mode = False

    def gradients(self, rows: Tensor) -> float:
        for parameter in self._parameters:
            parameter.grad = None
        return self._backward(rows).item()

    def _backward(self, rows: Tensor) -> Tensor:
        """Add the gradient on the samples `rows` to `.grad`; their loss."""
        if not (self._in_train_mode and self._model.training):
            self._model.train()
            self._in_train_mode = True
        inputs, targets = self._data.train_inputs[rows], self._data.train_targets[rows]
        loss = loss_of(self._track, self._track.loss(self._model, inputs, targets))
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    def measure(self, whole: bool) -> float:
        import torch

        self._model.eval()
        self._in_train_mode = False
        with torch.no_grad():
            inputs, targets = self._data.eval_inputs, self._data.eval_targets
            return metric_of(self._track, self._track.measure(self._model, inputs, targets))


class StaticTraining(AutogradTraining):
    """The same, into gradients that stay where they are, so that a CUDA graph can record a step."""

    def __init__(self, track: Track, model: nn.Module, data: Data) -> None:
        import torch

        super().__init__(track, model, data)
        self._gradients: list[Tensor] = []
        for parameter in self._parameters:
            if parameter.requires_grad:
                kept = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
                parameter.grad = kept
                self._gradients.append(kept)

    def gradients(self, rows: Tensor) -> float:
        return self.loss_and_gradients(rows).item()

    def loss_and_gradients(self, rows: Tensor) -> Tensor:
        """The loss [] stays on the device: nothing here waits for it."""
        import torch

        torch._foreach_zero_(self._gradients)
        return self._backward(rows).detach()


def training(name: TrainerName, track: Track, model: nn.Module, data: Data) -> Training:
    """The training of this name; without closed-form gradients, autograd or a recording of it."""
    fused = track.fused(model, data) if name == "fused" else None
    recorded = name == "fused" and track.can_be_recorded and data.train_inputs.is_cuda
    if not fused and recorded:
        fused = _recorded(track, model, data)
    return fused or AutogradTraining(track, model, data)


def _recorded(track: Track, model: nn.Module, data: Data) -> Training | None:
    """A step as a CUDA graph; None where no graph can hold it, and it computes without one."""
    from tracks.fused.graph import GraphedTraining

    before = [buffer.clone() for buffer in model.buffers()]
    try:
        return GraphedTraining(StaticTraining(track, model, data), data)
    except RuntimeError as error:
        if is_out_of_memory(error):
            raise
        return None
    finally:
        # the steps before a recording are no part of the run
        for buffer, value in zip(model.buffers(), before, strict=True):
            buffer.copy_(value)
