"""Tensors in memory that two processes map: parameters one way, gradients the other."""

import fcntl
import math
import mmap
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

ALIGNMENT = 64
"""Bytes, as PyTorch's own CPU allocator aligns: vector code then takes the same paths."""


@dataclass(frozen=True)
class Slot:
    """Where one tensor lies in the shared memory."""

    shape: tuple[int, ...]
    dtype: str
    offset: int

    def view(self, memory: mmap.mmap) -> Tensor:
        count = math.prod(self.shape)
        dtype = getattr(torch, self.dtype)
        flat = torch.frombuffer(memory, dtype=dtype, count=count, offset=self.offset)
        return flat.view(self.shape)


class SharedTensors:
    """Parameters and gradients of one model. Their creator keeps `descriptor` to hand it on."""

    def __init__(self, descriptor: int, slots: Sequence[Slot], size: int) -> None:
        self.descriptor = descriptor
        self.slots = slots
        self.size = size
        memory = mmap.mmap(descriptor, size)
        tensors = [slot.view(memory) for slot in slots]
        self.parameters = tensors[: len(slots) // 2]
        self.gradients = tensors[len(slots) // 2 :]

    @classmethod
    def like(cls, parameters: Sequence[Tensor]) -> "SharedTensors":
        """Allocate for `parameters` and as many gradients, and copy the parameters in."""
        slots, offset = [], 0
        for tensor in [*parameters, *parameters]:
            dtype = str(tensor.dtype).removeprefix("torch.")
            slots.append(Slot(tuple(tensor.shape), dtype, offset))
            offset += -(-tensor.numel() * tensor.element_size() // ALIGNMENT) * ALIGNMENT
        shared = cls(_allocate(max(offset, ALIGNMENT)), slots, max(offset, ALIGNMENT))
        for target, parameter in zip(shared.parameters, parameters, strict=True):
            target.copy_(parameter.detach())
        return shared

    def layout(self) -> dict[str, Any]:
        slots = [[list(slot.shape), slot.dtype, slot.offset] for slot in self.slots]
        return {"slots": slots, "size": self.size}

    @classmethod
    def attach(cls, descriptor: int, layout: dict[str, Any]) -> "SharedTensors":
        slots = [Slot(tuple(shape), dtype, offset) for shape, dtype, offset in layout["slots"]]
        return cls(descriptor, slots, layout["size"])


def _allocate(size: int) -> int:
    """A descriptor of `size` bytes of anonymous memory that no other process can shrink."""
    if not hasattr(os, "memfd_create"):
        with tempfile.TemporaryFile() as file:
            file.truncate(size)
            return os.dup(file.fileno())
    descriptor = os.memfd_create("autoresearch", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, size)
    seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    return descriptor
