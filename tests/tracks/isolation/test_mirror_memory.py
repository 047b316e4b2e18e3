"""Memory beside a GPU is lent to one host after another, and none may leave anything there."""

import mmap
import os
from types import SimpleNamespace

import pytest
import torch

from tracks.isolation.mirror_memory import MirroredTensors, MirrorMemory
from tracks.isolation.shared_tensors import mapped


def whole(lent: MirroredTensors) -> torch.Tensor:
    """All that a host reaches which stretches its mapping, to the end of the last page."""
    (descriptor,) = lent.descriptors
    assert os.fstat(descriptor).st_size % mmap.PAGESIZE == 0
    return mapped(descriptor, os.fstat(descriptor).st_size)


@pytest.mark.parametrize("numbers", [4, 300_001])
def test_a_host_finds_nothing_that_an_earlier_one_wrote(
    numbers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = SimpleNamespace(
        cudaHostRegister=lambda *_: 0, cudaHostUnregister=lambda address: None
    )
    monkeypatch.setattr(torch.cuda, "cudart", lambda: runtime)
    memory = MirrorMemory("cpu")
    first = memory.like([torch.ones(numbers)] * 2)
    whole(first).fill_(7)
    first.hand_over()
    second = memory.like([torch.ones(4)] * 2)
    assert not whole(second).any()
    second.hand_over()
    memory.close()
