"""Tensors in GPU memory that two processes use: parameters and gradients, through CUDA IPC.

CUDA lends whole allocations, so the block comes from a memory pool of its own: the process that
opens it can reach nothing else of the trainer's memory. The block is kept and lent again from one
evaluation to the next, because torch never learns that a killed process has let go of it.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from tracks.isolation.shared_tensors import Slot, slots_of

LEAST_BYTES = 2**21
HANDLES = ("handle", "ref_counter_handle", "event_handle")
TICKET = (
    "device", "handle", "size", "offset", "ref_counter_handle", "ref_counter_offset",
    "event_handle", "event_sync_required",
)  # fmt: skip
"""What torch's `_share_cuda_` returns and `_new_shared_cuda` takes, in this order."""


class GpuMemory:
    """The trainer's block on one GPU; it grows when a track needs more."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._pool: torch.cuda.MemPool | None = None
        self._block: Tensor | None = None
        self._ticket: dict[str, Any] = {}

    def like(self, tensors: Sequence[Tensor]) -> "GpuTensors":
        """Room for tensors of these shapes, strides and types; their content is zero."""
        slots, size = slots_of(tensors)
        if self._block is None or self._block.numel() < size:
            self._allocate(max(size, LEAST_BYTES))
        assert self._block is not None
        self._block.zero_()
        torch.cuda.synchronize()
        return GpuTensors(self._block, slots, self._ticket)

    def _allocate(self, size: int) -> None:
        self._block, self._pool = None, torch.cuda.MemPool()
        with torch.cuda.use_mem_pool(self._pool):
            self._block = torch.empty(size, dtype=torch.uint8, device=self._device)
        shared = self._block.untyped_storage()._share_cuda_()  # type: ignore[no-untyped-call]
        self._ticket = {
            name: value.hex() if name in HANDLES else value
            for name, value in zip(TICKET, shared, strict=True)
        }


class GpuTensors:
    """Views of a block. `ticket` is what another process needs to open it, as JSON."""

    def __init__(self, block: Tensor, slots: Sequence[Slot], ticket: dict[str, Any]) -> None:
        self.tensors = [slot.view(block) for slot in slots]
        self.ticket = ticket
        self._slots = slots

    descriptors: Sequence[int] = ()

    def hand_over(self) -> None:
        """Nothing to close: the ticket is only text."""

    def layout(self) -> dict[str, Any]:
        return {"slots": [slot.to_json() for slot in self._slots], "ticket": self.ticket}

    @classmethod
    def attach(cls, layout: dict[str, Any]) -> "GpuTensors":
        """Open the block of another process on the same GPU."""
        ticket = layout["ticket"]
        shared = [bytes.fromhex(ticket[n]) if n in HANDLES else ticket[n] for n in TICKET]
        storage = torch.UntypedStorage._new_shared_cuda(*shared)
        block = torch.empty(0, dtype=torch.uint8, device=storage.device).set_(storage)
        return cls(block, [Slot.from_json(slot) for slot in layout["slots"]], ticket)
