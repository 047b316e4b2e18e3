"""What processes do on a machine with a GPU, as far as a CPU can prove it."""

import resource
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from tracks import device, gpu
from tracks.isolation import gpu_memory, limits
from tracks.isolation.mirror_memory import MirrorMemory


def test_memory_that_cannot_be_locked_is_used_unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """CUDA remembers the refusal, and torch raises it at its next kernel, whatever that is."""
    remembered: list[str] = []
    made = torch.zeros

    def zeros(*size: int, **options: object) -> torch.Tensor:
        if remembered:
            raise RuntimeError(remembered.pop())
        return made(*size)

    def refused(*_: int) -> int:
        remembered.append("CUDA error: operation not supported")
        return 801

    def unlocked(_: int) -> int:
        pytest.fail("it was never locked")

    runtime = SimpleNamespace(cudaHostRegister=refused, cudaHostUnregister=unlocked)
    monkeypatch.setattr(torch.cuda, "cudart", lambda: runtime)
    monkeypatch.setattr(torch, "zeros", zeros)
    memory = MirrorMemory("cpu")
    memory.like([torch.ones(3)] * 2).hand_over()
    assert not remembered
    memory.close()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate`"), True),
        (RuntimeError("cusolver error: CUSOLVER_STATUS_ALLOC_FAILED"), True),
        (RuntimeError("CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED"), True),
        (torch.OutOfMemoryError("CUDA out of memory."), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_EXECUTION_FAILED"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_libraries_of_cuda_run_out_of_memory_in_words_of_their_own(
    error: Exception, expected: bool
) -> None:
    assert gpu.is_out_of_memory(error) is expected


def test_cpu_time_before_the_limits_is_not_the_submissions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host on a GPU takes seconds for its context before it gets a submission."""
    given: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(resource, "setrlimit", given.__setitem__)
    monkeypatch.setattr(time, "process_time", lambda: 4.0)
    limits.apply_to_this_process(10.0, None)
    assert given[resource.RLIMIT_CPU] == (14, 15)


def test_what_torch_leaves_of_a_killed_process_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu_memory, "COUNTERS", tmp_path)
    for name in ("torch_12_3849_0", "torch_12_77_1", "torch_123_1_0", "other_12_1"):
        (tmp_path / name).touch()
    gpu_memory.remove_counters(12)
    assert {left.name for left in tmp_path.iterdir()} == {"torch_123_1_0", "other_12_1"}


def test_gpus_have_the_same_order_in_every_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A number in CUDA_VISIBLE_DEVICES counts in that order."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    seen = device.visible_to_children("cuda:0")
    assert (seen["CUDA_VISIBLE_DEVICES"], seen["CUDA_DEVICE_ORDER"]) == ("1", "PCI_BUS_ID")
