"""Where an evaluation computes: CPU, NVIDIA GPU (`cuda`, `cuda:1`) or Apple's GPU (`mps`)."""

import os
from collections.abc import Mapping
from pathlib import Path

CPU = "cpu"
AUTO = "auto"
"""The faster one for the track."""
NAMES = (AUTO, CPU, "cuda", "mps")
HIDDEN_GPUS: Mapping[str, str] = {"CUDA_VISIBLE_DEVICES": "", "HIP_VISIBLE_DEVICES": ""}
"""With these a process sees no GPU; they must be set before it loads torch."""
CHOICE = (*HIDDEN_GPUS, "CUDA_DEVICE_ORDER")
"""What chooses among GPUs, and in which order they are numbered."""
REPEATABLE: Mapping[str, str] = {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"}
"""cuBLAS gives equal bits on equal inputs only with a workspace of a fixed size."""


def kind(device: str) -> str:
    """`cuda` for `cuda:1`; results of one kind are compared with each other."""
    return device.partition(":")[0]


def is_cuda(device: str) -> bool:
    return kind(device) == "cuda"


def numbered(device: str) -> str:
    """`cuda:0` for `cuda`: torch selects a GPU by its number alone."""
    return f"{device}:0" if device == "cuda" else device


def visible_to_children(device: str) -> dict[str, str]:
    """Environment variables of all processes that evaluate on `device`.

    No process of a CPU evaluation sees a GPU: its first optimizer step would ask the driver for its
    state, and a child that is forked after that could not use a GPU.
    """
    if not is_cuda(device):
        return dict(HIDDEN_GPUS)
    chosen = {name: os.environ[name] for name in CHOICE if name in os.environ}
    return {**chosen, **REPEATABLE}


def may_have_gpu() -> bool:
    """Whether an NVIDIA driver and a visible GPU seem to be there, without loading torch."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return False
    return Path("/dev/nvidiactl").exists() or Path("/dev/dxg").exists()
