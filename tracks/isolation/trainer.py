"""The trusted side: owns data, model, loss and metric, and trains with an optimizer it cannot see.

Per step it computes gradients, wakes the optimizer host, and reads the parameters back. The model
is a private copy, so a host that goes on writing after its step changes nothing.
"""

import math
import os
import platform
import socket
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from tracks import gpu
from tracks.base import Data, Track
from tracks.device import is_cuda
from tracks.instance import Instance
from tracks.isolation import wire
from tracks.isolation.data_cache import KEPT_BYTES
from tracks.isolation.gpu_memory import GpuMemory, GpuTensors
from tracks.isolation.protocol import MAX_REASON
from tracks.isolation.remote_optimizer import RemoteOptimizer, SubmissionFailed
from tracks.isolation.shared_tensors import SharedTensors
from tracks.procedure import FAR_ABOVE_START, Procedure
from tracks.registry import get_track
from tracks.training import Training, training

START_SAMPLES = 32
"""Samples whose loss before training tells later what has diverged."""
PROGRESS_REPORTS = 100
"""How many times a run tells which step it is at."""


def main(channels: list[socket.socket]) -> None:
    """Answer jobs from the coordinator, each with `done`, `failed` or `fault`, until it goes away.

    A job comes with the data of its instance and the channel to its optimizer host.
    """
    coordinator = channels[0]
    kept = _Kept()
    while True:
        try:
            job, (data, host) = wire.receive_with_descriptors(coordinator)
        except wire.PeerGoneError:
            return
        with socket.socket(fileno=host) as channel:
            try:
                wire.send(coordinator, {"done": _run(job, data, kept, coordinator, channel)})
            except SubmissionFailed as failure:
                wire.send(coordinator, {"failed": failure.record})
            except Exception as error:
                wire.send(coordinator, _failed(error, job["device"]))


def _failed(error: Exception, device: str) -> dict[str, Any]:
    if is_cuda(device) and gpu.is_out_of_memory(error):
        reason = " ".join(f"the trainer ran out of GPU memory: {error}"[:MAX_REASON].split())
        return {"failed": SubmissionFailed("memory", reason).record}
    return {"fault": traceback.format_exc()}


class _Kept:
    """What a trainer has from earlier jobs: data on its device, and memory shared with hosts."""

    def __init__(self) -> None:
        self._data: OrderedDict[tuple[Instance, str], Data] = OrderedDict()
        self._memory: dict[str, GpuMemory] = {}

    def data(self, instance: Instance, device: str, descriptor: int, layout: Any) -> Data:
        """The data of an instance on the device; the instances used last are kept."""
        key = (instance, device)
        if key in self._data:
            os.close(descriptor)
            self._data.move_to_end(key)
            return self._data[key]
        while self._data and sum(map(_size, self._data.values())) + layout["size"] > KEPT_BYTES:
            self._data.popitem(last=False)
        shared = SharedTensors.attach(descriptor, layout, private=True)
        data = self._data[key] = Data(*(tensor.to(device) for tensor in shared.tensors))
        return data

    def shared(self, parameters: list[nn.Parameter], device: str) -> SharedTensors | GpuTensors:
        """Room for the parameters and their gradients that a host can open."""
        both = [*parameters, *parameters]
        if not is_cuda(device):
            return SharedTensors.like(both)
        memory = self._memory.setdefault(device, GpuMemory(device))
        return memory.like(both)


def _size(data: Data) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in data)


def _run(
    job: dict[str, Any],
    descriptor: int,
    kept: _Kept,
    coordinator: socket.socket,
    channel: socket.socket,
) -> dict[str, Any]:
    device, procedure = job["device"], Procedure(**job["procedure"])
    # saturated attention is full of numbers that some processors handle a hundred times slower
    torch.set_flush_denormal(procedure.trainer == "fused")
    if is_cuda(device):
        torch.cuda.set_device(device)
    instance = Instance.from_json(job["instance"])
    track, seeds, scale = get_track(instance.track), instance.seeds, instance.scale
    gpu.require_repeatable(is_cuda(device) and track.needs_deterministic_algorithms)
    data = kept.data(instance, device, descriptor, job["data"])
    model = track.student(seeds, scale).to(device)
    parameters = list(model.parameters())
    start_loss = _loss_before_training(track, model, data)
    optimizer = RemoteOptimizer(channel, parameters, kept.shared(parameters, device), job)
    wire.send(coordinator, {"sandbox": optimizer.sandbox})
    optimizer.build()

    def progress(step: int) -> None:
        wire.send(coordinator, {"step": step})

    if procedure.trainer == "fused":
        optimizer.lend_gradients()
    model_training = training(procedure.trainer, track, model, data)
    run = Run(track, model_training, optimizer, procedure, start_loss)
    outcome = run.train(data.batch_indices, progress)
    optimizer.close()
    sizes = {"train_samples": len(data.train_inputs), "eval_samples": len(data.eval_inputs)}
    sizes |= {"max_steps": len(data.batch_indices), "batch_size": data.batch_indices.shape[1]}
    return outcome | sizes | {"environment": environment(device)}


def _loss_before_training(track: Track, model: nn.Module, data: Data) -> float:
    """Of the student as it is built, whatever a submission then makes of it."""
    rows = data.batch_indices[0, :START_SAMPLES]
    with torch.no_grad():
        return track.loss(model, data.train_inputs[rows], data.train_targets[rows]).item()


class Run:
    """One training run: what happens at each step, and what is seen at each look."""

    def __init__(
        self,
        track: Track,
        training: Training,
        optimizer: RemoteOptimizer,
        procedure: Procedure,
        start_loss: float,
    ) -> None:
        self._track = track
        self._training = training
        self._optimizer = optimizer
        self._procedure = procedure
        self._curve: list[tuple[int, float]] = []
        self._loss = math.nan
        self._start_loss = start_loss
        # where it is published, the time of a look must not hide that of a step
        self._overlaps = procedure.trainer == "fused" and not optimizer.early_zero_grad
        self._looking_s = 0.0

    def train(self, batches: Tensor, progress: Callable[[int], None]) -> dict[str, Any]:
        """Train on `batches` [max_steps, batch_size]; the curve, the last loss and the time."""
        started = time.perf_counter()
        last = len(batches)
        for step in range(1, last + 1):
            looks = (step - 1) % self._procedure.eval_every == 0
            if looks and not self._overlaps and self._look(step - 1, whole=step == 1):
                break
            self._optimizer.zero_grad()
            self._loss = self._training.gradients(batches[step - 1])
            self._optimizer.begin_step()
            # the host steps while the trainer looks at what the step before has led to
            if looks and self._overlaps and self._look(step - 1, whole=step == 1):
                break
            self._require_progress(step)
            self._optimizer.end_step()
            if step % max(1, last // PROGRESS_REPORTS) == 0:
                progress(step)
        else:
            self._look(last, whole=True)
        seconds = time.perf_counter() - started - self._looking_s
        return {
            "curve": self._curve, "last_train_loss": self._loss, "training_wall_time_s": seconds
        }  # fmt: skip

    def _look(self, step: int, whole: bool) -> bool:
        """Add the metric after `step` to the curve; whether the run ends there."""
        started = time.perf_counter()
        _require_finite(self._optimizer.parameters, step)
        value = self._training.measure(whole)
        self._curve.append((step, value))
        self._looking_s += time.perf_counter() - started
        met = step > 0 and self._track.metric.meets(value, self._track.target)
        return met and self._procedure.stop_at_target

    def _require_progress(self, step: int) -> None:
        if step == 1:
            self._start_loss = max(self._start_loss, self._loss)
        if not math.isfinite(self._loss):
            _require_finite(self._optimizer.parameters, step - 1)
        # also true of a loss that is not a number
        diverged = not self._loss <= FAR_ABOVE_START * self._start_loss
        if diverged and self._procedure.stop_when_diverged:
            reason = f"the training loss went from {self._start_loss:.3g} to {self._loss:.3g}"
            raise SubmissionFailed("diverged", f"{reason} at step {step}")


def _require_finite(parameters: list[nn.Parameter], step: int) -> None:
    for index, parameter in enumerate(parameters):
        # the sum costs a tenth of the full check, which it makes needless but for huge numbers
        if not (math.isfinite(parameter.detach().sum().item()) or torch.isfinite(parameter).all()):
            shape = "x".join(map(str, parameter.shape))
            reason = f"parameter {index} ({shape}) is not finite after step {step}"
            raise SubmissionFailed("nonfinite", reason)


def environment(device: str) -> dict[str, Any]:
    """What the bits of a result depend on besides the code."""
    on_gpu = {
        "gpu": torch.cuda.get_device_name(device), "cuda": torch.version.cuda
    } if is_cuda(device) else {}  # fmt: skip
    return on_gpu | {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "device": device,
        "mps_available": torch.backends.mps.is_available(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
    }
