"""A training step recorded as a CUDA graph: one launch in place of thirty."""

from abc import abstractmethod
from typing import Protocol

import torch
from torch import Tensor

from tracks.base import Data, Training

WARM_UP = 3
"""Steps before the recording, in which libraries choose their algorithms and allocate."""


class Recordable(Training, Protocol):
    """Training whose step reads and writes the same memory every time and never waits."""

    def gradients(self, rows: Tensor) -> float:
        """Set `.grad` of all parameters to the gradient on samples `rows` [batch]; the loss."""
        return self.loss_and_gradients(rows).item()

    @abstractmethod
    def loss_and_gradients(self, rows: Tensor) -> Tensor:
        """The same, with the loss [] still on the device: nothing in it waits for a GPU."""


def as_graph(training: Recordable, data: Data) -> Training:
    """`training` as a CUDA graph where its data is on such a GPU, else as it is."""
    return GraphedTraining(training, data) if data.train_inputs.is_cuda else training


class GraphedTraining:
    """Replays one recorded step; `.grad` of every parameter must stay the tensor that it is."""

    def __init__(self, training: Recordable, data: Data) -> None:
        self._training = training
        self._rows = data.batch_indices[0].clone()
        aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(WARM_UP):
                training.loss_and_gradients(self._rows)
        torch.cuda.current_stream().wait_stream(aside)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._loss = training.loss_and_gradients(self._rows)

    def gradients(self, rows: Tensor) -> float:
        """Set `.grad` of all parameters to the gradient on samples `rows` [batch]; the loss."""
        self._rows.copy_(rows)
        self._graph.replay()
        return self._loss.item()

    def measure(self, whole: bool) -> float:
        return self._training.measure(whole)
