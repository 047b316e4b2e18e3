"""Which device a job uses, and how many evaluations share it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch

from agent.study.cores import cores
from agent.study.errors import UserError
from agent.study.known_good import known_good, seconds_of
from tracks import device as devices
from tracks.evaluation import Evaluation
from tracks.instance import official_instance
from tracks.isolation.errors import DataError, HarnessError
from tracks.isolation.evaluate import evaluate
from tracks.isolation.launcher import Launcher
from tracks.isolation.limits import Limits
from tracks.procedure import search_procedure
from tracks.registry import get_track

JOBS_PER_GPU = 8
"""Evaluations that share one GPU without --jobs; `benchmarks/gpu.py` measures other numbers."""
JOB_BYTES = 2.5e9
"""GPU memory of one: a CUDA context, and the data that a trainer keeps."""
SecondsOf = Callable[[str], float]


@dataclass(frozen=True)
class Choice:
    """A kind of device, and the reason for an automatic choice."""

    device: str
    reason: str = ""


def choose(asked: str, track: str, scale: str = "full") -> Choice:
    """The device of this name; for `auto` the faster one for the track.

    Raises UserError for a device that the machine does not have.
    """
    if asked == devices.AUTO:
        if not gpus():
            return Choice(devices.CPU)
        return faster(track, scale, partial(run_seconds, track, scale))
    if asked != devices.CPU and asked not in available():
        here = ", ".join(available())
        raise UserError(f"device {asked!r} is not available; this machine has: {here}")
    return Choice(asked)


def faster(track: str, scale: str, seconds: SecondsOf) -> Choice:
    """The CPU or the GPUs, by runs per second; a GPU counts as one run at a time."""
    on_gpu, on_cpu = seconds("cuda:0"), seconds(devices.CPU)
    if not on_gpu:
        return Choice(devices.CPU, "adamw does not run on the GPU")
    measured = f"a run of {track} takes {on_gpu:.2g} s on a GPU, {on_cpu:.2g} s on a core"
    gpu_wins = gpus() / on_gpu > cores() / on_cpu if on_cpu else True
    return Choice("cuda" if gpu_wins else devices.CPU, measured)


def run_seconds(track: str, scale: str, device: str) -> float:
    """Seconds of a run of adamw there now, once data and device are ready; 0 where it fails."""
    known, instance = get_track(track), official_instance(track, scale)
    max_steps = known.scales[scale].max_steps
    with Launcher(device) as launcher:

        def adamw(wall_s: float, on_step: Callable[[int], None]) -> Evaluation:
            return evaluate(
                known_good(max_steps),
                instance,
                launcher,
                procedure=search_procedure(known, known.objective),
                limits=Limits(wall_s),
                device=device,
                on_step=on_step,
            )

        try:
            launcher.data.prepare(instance).result()
            if devices.is_cuda(device):
                seconds_of(adamw, max_steps)  # creates the context and moves the data
            return seconds_of(adamw, max_steps)
        except (HarnessError, DataError):
            return 0.0


def default_jobs(device: str) -> int:
    """Evaluations at once: one per core; on a GPU JOBS_PER_GPU, with memory and two cores each."""
    if not devices.is_cuda(device):
        return cores()
    on_each = min(JOBS_PER_GPU, int(gpu_bytes() // JOB_BYTES))
    return max(1, min(on_each * gpus(), cores() // 2))


def spread_over(device: str) -> list[str]:
    """The devices that evaluations of this kind are spread over."""
    return [f"cuda:{index}" for index in range(gpus())] if device == "cuda" else [device]


def gpus() -> int:
    """Visible NVIDIA GPUs that this torch can use."""
    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def gpu_bytes() -> int:
    """Memory of the smallest visible GPU."""
    return min(torch.cuda.get_device_properties(index).total_memory for index in range(gpus()))


def available() -> list[str]:
    mps = ["mps"] if torch.backends.mps.is_available() else []
    return [devices.CPU, *(["cuda"] if gpus() else []), *mps]
