"""Tensors in memory that several processes map: parameters, gradients, and the data of a run."""

import fcntl
import math
import mmap
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

F_SEAL_FUTURE_WRITE = 0x0010
"""Linux 5.1; the standard library does not name it yet."""
ALIGNMENT = 64
"""Bytes, as PyTorch's own CPU allocator aligns: vector code then takes the same paths."""


@dataclass(frozen=True)
class Slot:
    """Where one tensor lies in the shared memory. Strides are in elements, the offset in bytes."""

    shape: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: str
    offset: int

    def view(self, block: Tensor) -> Tensor:
        """The tensor in a block [bytes] of uint8."""
        dtype = getattr(torch, self.dtype)
        end = self.offset + math.prod(self.shape) * dtype.itemsize
        return block[self.offset : end].view(dtype).as_strided(self.shape, self.stride)

    def to_json(self) -> list[Any]:
        return [self.shape, self.stride, self.dtype, self.offset]

    @classmethod
    def from_json(cls, record: Sequence[Any]) -> "Slot":
        shape, stride, dtype, offset = record
        return cls(tuple(shape), tuple(stride), dtype, offset)


def slots_of(tensors: Iterable[Tensor]) -> tuple[list[Slot], int]:
    """Where tensors of these shapes, strides and types lie in one block, and its size in bytes."""
    slots, offset = [], 0
    for tensor in tensors:
        dtype = str(tensor.dtype).removeprefix("torch.")
        slots.append(Slot(tuple(tensor.shape), tensor.stride(), dtype, offset))
        offset += -(-tensor.numel() * tensor.element_size() // ALIGNMENT) * ALIGNMENT
    return slots, max(offset, ALIGNMENT)


class SharedTensors:
    """Dense tensors in one block. Whoever creates it keeps `descriptor` to hand it on.

    With `private`, what this process writes to them stays in this process.
    """

    def __init__(
        self, descriptor: int, slots: Sequence[Slot], size: int, *, private: bool = False
    ) -> None:
        self.descriptor = descriptor
        self.slots = slots
        self.size = size
        access = mmap.ACCESS_COPY if private else mmap.ACCESS_WRITE
        block = torch.frombuffer(mmap.mmap(descriptor, size, access=access), dtype=torch.uint8)
        self.tensors = [slot.view(block) for slot in slots]

    @classmethod
    def like(cls, tensors: Iterable[Tensor]) -> "SharedTensors":
        """Allocate room for tensors of these shapes, strides and types; their content is zero."""
        slots, size = slots_of(tensors)
        return cls(_allocate(size), slots, size)

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

    def layout(self) -> dict[str, Any]:
        return {"slots": [slot.to_json() for slot in self.slots], "size": self.size}

    @classmethod
    def attach(
        cls, descriptor: int, layout: dict[str, Any], *, private: bool = False
    ) -> "SharedTensors":
        """Map what another process laid out, and close the descriptor."""
        slots = [Slot.from_json(slot) for slot in layout["slots"]]
        shared = cls(descriptor, slots, layout["size"], private=private)
        os.close(descriptor)
        return shared


def _allocate(size: int) -> int:
    """A descriptor of `size` bytes of anonymous memory that no other process can shrink."""
    if not hasattr(os, "memfd_create"):
        with tempfile.TemporaryFile() as file:
            file.truncate(size)
            return os.dup(file.fileno())
    descriptor = os.memfd_create("autoresearch", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, size)
    seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    return descriptor
