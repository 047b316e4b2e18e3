"""The hardware that the bits of a result depend on."""

import platform
import re
import subprocess
from functools import cache
from pathlib import Path

CPU_INFO = Path("/proc/cpuinfo")
NVIDIA = Path("/proc/driver/nvidia/gpus")
KIND = ("vendor_id", "cpu family", "model", "CPU implementer", "CPU variant", "CPU part")
VECTOR_UNITS = re.compile(r"s*sse|avx|fma|f16c|amx|asimd|sve|sme(?!p)|bf16|i8mm|fphp")


def hardware(device: str) -> str:
    """The kind of hardware that `device` (cpu, cuda, cuda:1, mps) computes on, for a key.

    The processor counts for every device: it builds the data.
    """
    if device.startswith("cuda"):
        return f"{gpus()} {processor()}"
    return processor()


@cache
def processor() -> str:
    """Vendor, family and model of the processor, and its vector instructions.

    These choose the kernels of PyTorch and its matrix libraries, and so the order of every sum:
    the vendor for MKL, the model for the block sizes, the instructions (of which a virtual machine
    may hide some) for the width. Clock rate, cores, stepping and name change no bit.
    """
    system = f"{platform.system()} {platform.machine()}"
    try:
        first = CPU_INFO.read_text(encoding="utf-8", errors="replace").split("\n\n")[0]
    except OSError:
        return f"{system} {_apple_chip() or platform.processor()}"
    pairs = (line.split(":", 1) for line in first.splitlines() if ":" in line)
    known = {name.strip(): value.strip() for name, value in pairs}
    words = f"{known.get('flags', '')} {known.get('Features', '')}".split()
    units = sorted(word for word in words if VECTOR_UNITS.match(word))
    return " ".join([system, *(known[name] for name in KIND if name in known), *units])


@cache
def gpus() -> str:
    """Names of the NVIDIA GPUs here, each once; read from the driver, which opens no context."""
    names = gpu_models() or _output_of("nvidia-smi", "--query-gpu=name", "--format=csv,noheader")
    return ", ".join(sorted(set(names)))


def gpu_models() -> list[str]:
    """The name of each NVIDIA GPU here, as the driver's own files have it."""
    files = (file.read_text("utf-8", "replace") for file in sorted(NVIDIA.glob("*/information")))
    lines = (line.partition(":") for text in files for line in text.splitlines())
    return [value.strip() for name, _, value in lines if name == "Model"]


def _apple_chip() -> str:
    return " ".join(_output_of("sysctl", "-n", "machdep.cpu.brand_string"))


def _output_of(*command: str) -> list[str]:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.strip().splitlines() if done.returncode == 0 else []
