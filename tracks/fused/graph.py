"""A training step recorded as a CUDA graph: one launch in place of thirty."""

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Protocol

import torch
from torch import Tensor

from tracks.base import Data, Training

WARM_UP = 3
"""Steps before the recording, in which libraries choose their algorithms and allocate."""
_failed: list[torch.cuda.CUDAGraph] = []
"""Recordings that failed; torch's allocator still asks them, so they must stay."""


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


def has_failed() -> bool:
    """Whether a recording failed here: torch takes it as one that has not ended, until this
    process ends."""
    return bool(_failed)


class GraphedTraining:
    """Replays one recorded step; `.grad` of every parameter must stay the tensor that it is.

    Raises RuntimeError for a step that no graph can hold.
    """

    def __init__(self, training: Recordable, data: Data) -> None:
        self._training = training
        self._rows = data.batch_indices[0].clone()
        self._graph = torch.cuda.CUDAGraph()
        aside = _side_stream(self._rows.device)
        aside.wait_stream(torch.cuda.current_stream())
        # a recording that fails does not leave its stream by itself
        with torch.cuda.stream(aside):
            for _ in range(WARM_UP - 1):
                training.loss_and_gradients(self._rows)
            with _waiting_is_an_error():
                training.loss_and_gradients(self._rows)
            self._loss = self._record(aside)
        torch.cuda.current_stream().wait_stream(aside)

    def _record(self, aside: torch.cuda.Stream) -> Tensor:
        """The loss [] that every replay writes."""
        try:
            with torch.cuda.graph(self._graph, stream=aside):
                return self._training.loss_and_gradients(self._rows)
        except BaseException:
            _failed.append(self._graph)
            raise

    def gradients(self, rows: Tensor) -> float:
        """Set `.grad` of all parameters to the gradient on samples `rows` [batch]; the loss."""
        self._rows.copy_(rows)
        self._graph.replay()
        return self._loss.item()

    def measure(self, whole: bool) -> float:
        return self._training.measure(whole)


@cache
def _side_stream(device: torch.device) -> torch.cuda.Stream:
    """The same for all recordings: cuBLAS keeps 32 MiB for every stream that it was used on."""
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]


@contextmanager
def _waiting_is_an_error() -> Iterator[None]:
    """Find what waits for the GPU while that does no harm yet."""
    before = torch.cuda.get_sync_debug_mode()
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode(before)
