"""CUDA's part in recording a step, played on a CPU."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from tracks.base import Data
from tracks.fused import graph


class FakeGraph:
    """Replays what was computed while it was recorded, as CUDA does."""

    def __init__(self) -> None:
        self.made: Any = None

    def replay(self) -> None:
        made = vars(self.made)
        made["_loss"].copy_(made["_training"].loss_and_gradients(made["_rows"]))


class FakeCuda:
    """Streams, recordings, and whether waiting for the GPU is an error."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.default = self.current = SimpleNamespace(wait_stream=lambda other: None)
        self.streams: list[Any] = []
        self.mode: int | str = 0
        self.refused = False
        """Whether recordings fail."""
        given = {
            "Stream": self._new_stream, "stream": self._on, "current_stream": lambda: self.current,
            "graph": self._recording, "CUDAGraph": FakeGraph,
            "get_sync_debug_mode": lambda: self.mode,
            "set_sync_debug_mode": lambda mode: setattr(self, "mode", mode),
        }  # fmt: skip
        for name, stand_in in given.items():
            monkeypatch.setattr(torch.cuda, name, stand_in)
        monkeypatch.setattr(graph, "_failed", [])

    def _new_stream(self, *_: object) -> Any:
        self.streams.append(SimpleNamespace(wait_stream=lambda other: None))
        return self.streams[-1]

    @contextmanager
    def _on(self, stream: Any) -> Iterator[None]:
        before, self.current = self.current, stream
        try:
            yield
        finally:
            self.current = before

    @contextmanager
    def _recording(self, _: object, stream: Any) -> Iterator[None]:
        """As torch's, it leaves its stream only where it succeeds."""
        before, self.current = self.current, stream
        yield
        if self.refused:
            raise RuntimeError("operation failed due to a previous error during capture")
        self.current = before


class OnGpu:
    """A tensor that says it is on a GPU."""

    is_cuda = True

    def __init__(self, tensor: Tensor) -> None:
        self._tensor = tensor

    def __getitem__(self, rows: Tensor) -> Tensor:
        return self._tensor[rows]


def on_gpu(data: Data) -> Data:
    """Data that says so."""
    given: Any = OnGpu(data.train_inputs)
    return data._replace(train_inputs=given)
