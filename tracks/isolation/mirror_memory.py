"""Tensors on a GPU with a copy in memory that an optimizer host on the CPU maps.

The memory is page-locked, so that a copy runs at the speed of the bus, and lent again from one
evaluation to the next, since locking it takes longer than a step. A host can stretch its mapping
over all of it, so nothing in it may outlive an evaluation.
"""

import mmap
import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import torch
from torch import Tensor

from tracks.isolation.protocol import Layout
from tracks.isolation.shared_tensors import allocate, layout_of, mapped, views

LEAST_BYTES = 2**20


class MirrorMemory:
    """A trainer's block beside one GPU; it grows when a track needs more."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._descriptor: int | None = None
        self._memory = torch.empty(0, dtype=torch.uint8)
        self._locked = False

    def like(self, tensors: Sequence[Tensor]) -> "MirroredTensors":
        """Room for parameters and then their gradients; the content of all the memory is zero."""
        layout = layout_of(tensors)
        if self._memory.numel() < layout.size:
            # in whole pages: the rest of a page would keep what is written there
            self._allocate(-(-max(layout.size, LEAST_BYTES) // mmap.PAGESIZE) * mmap.PAGESIZE)
        assert self._descriptor is not None
        memory = self._memory.zero_()[: layout.size]
        return MirroredTensors(os.dup(self._descriptor), memory, layout, self._device)

    def _allocate(self, size: int) -> None:
        self.close()
        self._descriptor = allocate(size)
        self._memory = mapped(self._descriptor, size)
        # where the system refuses, copies are only slower
        self._locked = not int(_runtime().cudaHostRegister(self._memory.data_ptr(), size, 0))
        if not self._locked:
            self._forget_error()

    def _forget_error(self) -> None:
        """CUDA remembers it, and torch would raise it at its next kernel, whatever that is."""
        with suppress(RuntimeError):
            torch.zeros(1, device=self._device).add_(1)

    def close(self) -> None:
        """Unlock the memory, and close its descriptor."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            if self._locked:
                _runtime().cudaHostUnregister(self._memory.data_ptr())
            self._descriptor = None


def _runtime() -> Any:
    return torch.cuda.cudart()  # type: ignore[no-untyped-call]


class MirroredTensors:
    """Parameters, then gradients: `tensors` on the GPU, and the same in `memory` [bytes]."""

    def __init__(self, descriptor: int, memory: Tensor, layout: Layout, device: str) -> None:
        self.descriptors = [descriptor]
        self.layout = layout
        block = torch.zeros(layout.size, dtype=torch.uint8, device=device)
        self.tensors = views(block, layout)
        half = layout.slots[len(layout.slots) // 2].offset
        self._parameters, self._gradients = block[:half], block[half:]
        self._host_parameters, self._host_gradients = memory[:half], memory[half:]

    def send_parameters(self) -> None:
        """Start to copy the parameters to the host."""
        self._host_parameters.copy_(self._parameters, non_blocking=True)

    def send_gradients(self) -> None:
        """Start to copy the gradients to the host."""
        self._host_gradients.copy_(self._gradients, non_blocking=True)

    def receive_parameters(self) -> None:
        """Start to copy the parameters from the host."""
        self._parameters.copy_(self._host_parameters, non_blocking=True)

    def hand_over(self) -> None:
        """Close the descriptor, which the other process has by now; the tensors stay."""
        os.close(self.descriptors[0])
