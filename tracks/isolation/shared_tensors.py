"""Tensors in memory that several processes map: parameters, gradients, and the data of a run."""

import fcntl
import math
import mmap
import os
import tempfile
from collections.abc import Iterable

import torch
from torch import Tensor

from tracks.isolation.protocol import Layout, Slot

F_SEAL_FUTURE_WRITE = 0x0010
"""Linux 5.1; the standard library does not name it yet."""
ALIGNMENT = 64
"""Bytes, as PyTorch's own CPU allocator aligns: vector code then takes the same paths."""


def layout_of(tensors: Iterable[Tensor]) -> Layout:
    """Where tensors of these shapes, strides and types lie in one block."""
    slots, offset = [], 0
    for tensor in tensors:
        dtype = str(tensor.dtype).removeprefix("torch.")
        slots.append(Slot(tuple(tensor.shape), tensor.stride(), dtype, offset))
        offset += -(-tensor.numel() * tensor.element_size() // ALIGNMENT) * ALIGNMENT
    return Layout(tuple(slots), max(offset, ALIGNMENT))


def views(block: Tensor, layout: Layout) -> list[Tensor]:
    """The tensors in a block [bytes] of uint8."""
    found = []
    for slot in layout.slots:
        dtype = getattr(torch, slot.dtype)
        end = slot.offset + math.prod(slot.shape) * dtype.itemsize
        found.append(block[slot.offset : end].view(dtype).as_strided(slot.shape, slot.stride))
    return found


class SharedTensors:
    """Dense tensors in one block. Its creator keeps `descriptor` to hand it on.

    With `private`, what this process writes to them stays in this process.
    """

    def __init__(self, descriptor: int, layout: Layout, *, private: bool = False) -> None:
        self.descriptor, self.layout = descriptor, layout
        self.tensors = views(mapped(descriptor, layout.size, private=private), layout)

    @classmethod
    def like(cls, tensors: Iterable[Tensor]) -> "SharedTensors":
        """Allocate room for tensors of these shapes, strides and types; their content is zero."""
        layout = layout_of(tensors)
        return cls(allocate(layout.size), layout)

    @classmethod
    def attach(cls, descriptor: int, layout: Layout, *, private: bool = False) -> "SharedTensors":
        """Map what another process laid out, and close the descriptor."""
        shared = cls(descriptor, layout, private=private)
        os.close(descriptor)
        return shared

    def seal(self) -> None:
        """From now on nobody can map the memory for writing; private copies stay possible."""
        if hasattr(os, "memfd_create"):
            fcntl.fcntl(self.descriptor, fcntl.F_ADD_SEALS, F_SEAL_FUTURE_WRITE)

    @property
    def descriptors(self) -> list[int]:
        return [self.descriptor]

    def hand_over(self) -> None:
        """Close the descriptor, which the other process has by now; the tensors stay."""
        os.close(self.descriptor)


def mapped(descriptor: int, size: int, *, private: bool = False) -> Tensor:
    """The memory [size] behind a descriptor, in bytes."""
    access = mmap.ACCESS_COPY if private else mmap.ACCESS_WRITE
    return torch.frombuffer(mmap.mmap(descriptor, size, access=access), dtype=torch.uint8)


def allocate(size: int) -> int:
    """A descriptor of `size` bytes of anonymous memory that no other process can shrink."""
    if not hasattr(os, "memfd_create"):
        with tempfile.TemporaryFile() as file:
            file.truncate(size)
            return os.dup(file.fileno())
    descriptor = os.memfd_create("autoresearch", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, size)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
    return descriptor
