"""Tensors in GPU memory that two processes use: parameters and gradients, through CUDA IPC.

CUDA lends whole allocations, so the block comes from a memory pool of its own: the process that
opens it can reach nothing else of the trainer's memory. The block is kept and lent again from one
evaluation to the next, because torch never learns that a killed process has let go of it.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from tracks.isolation.protocol import Layout
from tracks.isolation.shared_tensors import layout_of, views

LEAST_BYTES = 2**21
HANDLES = (1, 4, 6)
"""Places of the bytes in what torch's `_share_cuda_` returns and `_new_shared_cuda` takes: device,
handle, size, offset, counter's handle, counter's offset, event's handle, whether to wait for it."""
Ticket = tuple[int | bool | str, ...]
COUNTERS = Path("/dev/shm")
"""Where torch keeps a file of 80 kB with counters for every process that lends memory."""


def remove_counters(pid: int) -> None:
    """Of a process that was killed, and so has left them."""
    for left in COUNTERS.glob(f"torch_{pid}_*"):
        with suppress(OSError):
            left.unlink()


class GpuMemory:
    """The trainer's block on one GPU; it grows when a track needs more."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._pool: torch.cuda.MemPool | None = None
        self._block: Tensor | None = None
        self._ticket: Ticket = ()

    def like(self, tensors: Sequence[Tensor]) -> "GpuTensors":
        """Room for tensors of these shapes, strides and types; their content is zero."""
        layout = layout_of(tensors)
        if self._block is None or self._block.numel() < layout.size:
            self._allocate(max(layout.size, LEAST_BYTES))
        assert self._block is not None
        self._block.zero_()
        torch.cuda.synchronize()
        return GpuTensors(self._block, replace(layout, ticket=self._ticket))

    def _allocate(self, size: int) -> None:
        self._block, self._pool = None, torch.cuda.MemPool()
        with torch.cuda.use_mem_pool(self._pool):
            self._block = torch.empty(size, dtype=torch.uint8, device=self._device)
        shared = self._block.untyped_storage()._share_cuda_()  # type: ignore[no-untyped-call]
        self._ticket = tuple(v.hex() if at in HANDLES else v for at, v in enumerate(shared))


class GpuTensors:
    """Views of a block that `layout.ticket` opens in another process on the same GPU."""

    descriptors: Sequence[int] = ()

    def __init__(self, block: Tensor, layout: Layout) -> None:
        self.layout = layout
        self.tensors = views(block, layout)

    @classmethod
    def attach(cls, layout: Layout) -> "GpuTensors":
        """Open the block of another process on the same GPU."""
        shared = [
            bytes.fromhex(str(value)) if at in HANDLES else value
            for at, value in enumerate(layout.ticket)
        ]
        storage = torch.UntypedStorage._new_shared_cuda(*shared)  # noqa: SLF001
        block = torch.empty(0, dtype=torch.uint8, device=storage.device).set_(storage)
        return cls(block, layout)

    def hand_over(self) -> None:
        """Nothing to close: the ticket is only text."""
