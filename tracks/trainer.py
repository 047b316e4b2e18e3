"""The trusted side: owns data, model, loss and metric, and trains with an optimizer it cannot see.

Per step it computes gradients, wakes the optimizer host, and reads the parameters back. The model
is a private copy, so a host that goes on writing after its step changes nothing.
"""

import math
import platform
import socket
import time
import traceback
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from tracks import optimizer_host as host
from tracks import wire
from tracks.base import Data
from tracks.instance import Instance
from tracks.registry import get_track
from tracks.shared_tensors import SharedTensors
from tracks.training import Training, training

MAX_HOST_MESSAGE = 2**16
PROGRESS_REPORTS = 100
"""How many times a run tells which step it is at."""


class SubmissionFailed(Exception):
    """The submission ended the run. `record` has state, reason and traceback."""

    def __init__(self, state: str, reason: str, trace: list[str] | None = None) -> None:
        super().__init__(reason)
        self.record = {"state": state, "reason": reason, "traceback": trace or []}


def main(channels: list[socket.socket]) -> None:
    """Read one job from the coordinator, run it, answer with `done`, `failed` or `fault`."""
    coordinator, host_channel = channels
    job, descriptors = wire.receive_with_descriptors(coordinator)
    try:
        shared = SharedTensors.attach(descriptors[0], job["data"], private=True)
        done = _run(job, Data(*shared.tensors), coordinator, host_channel)
        wire.send(coordinator, {"done": done})
    except SubmissionFailed as failure:
        wire.send(coordinator, {"failed": failure.record})
    except Exception:
        wire.send(coordinator, {"fault": traceback.format_exc()})


class RemoteOptimizer:
    """The optimizer in its host process, as the trainer's loop uses it."""

    def __init__(self, channel: socket.socket, parameters: list[nn.Parameter], job: Any) -> None:
        self._channel = channel
        self._parameters = parameters
        self._shared = SharedTensors.like([*parameters, *parameters])
        self._shared_parameters = self._shared.tensors[: len(parameters)]
        self._shared_gradients = self._shared.tensors[len(parameters) :]
        for shared, parameter in zip(self._shared_parameters, parameters, strict=True):
            shared.copy_(parameter.detach())
        setup = {
            "layout": self._shared.layout(),
            "rng": bytes(torch.get_rng_state().tolist()).hex(),
            "source": job["source"],
            "cpu_s": job["limits"]["wall_s"],
            "memory_mb": job["limits"]["memory_mb"],
        }
        try:
            wire.send(channel, setup, [self._shared.descriptor])
        except wire.WireError as error:
            raise _lost(error) from error
        answer = self._receive()
        if not answer.get("ready"):
            raise _failure(answer)
        self._early_zero_grad = bool(answer.get("zero_grad"))
        self._read_parameters()

    def lend_gradients(self) -> None:
        """Let the trainer write gradients where the host reads them, which saves copying them."""
        for parameter, shared in zip(self._parameters, self._shared_gradients, strict=True):
            parameter.grad = shared

    def zero_grad(self) -> None:
        """Call the submission's own, where it has one: upstream does so before the forward pass."""
        if self._early_zero_grad:
            self._order(host.ZERO_GRAD)

    def step(self) -> None:
        present = bytearray(len(self._parameters))
        for index, parameter in enumerate(self._parameters):
            if parameter.grad is not None:
                present[index] = 1
                if parameter.grad is not self._shared_gradients[index]:
                    self._shared_gradients[index].copy_(parameter.grad)
        self._order(host.STEP + present)

    def close(self) -> None:
        try:
            self._channel.sendall(host.QUIT)
        except OSError:
            pass

    def _order(self, order: bytes) -> None:
        try:
            self._channel.sendall(order)
            reply = wire.receive_bytes(self._channel, 1)
        except (OSError, wire.WireError) as error:
            raise _lost(error) from error
        if reply == host.FAILED:
            raise _failure(self._receive())
        if reply != host.OK:
            raise _lost(wire.WireError("an unknown reply"))
        self._read_parameters()

    def _receive(self) -> dict[str, Any]:
        try:
            return wire.receive(self._channel, MAX_HOST_MESSAGE)
        except wire.WireError as error:
            raise _lost(error) from error

    def _read_parameters(self) -> None:
        with torch.no_grad():
            for parameter, shared in zip(self._parameters, self._shared_parameters, strict=True):
                parameter.copy_(shared)


def _run(
    job: dict[str, Any], data: Data, coordinator: socket.socket, channel: socket.socket
) -> dict[str, Any]:
    instance = Instance.from_json(job["instance"])
    track, seeds, scale = get_track(instance.track), instance.seeds, instance.scale
    device = torch.device(job["device"])
    model = track.student(seeds, scale).to(device)
    optimizer = RemoteOptimizer(channel, list(model.parameters()), job)
    data = Data(*(tensor.to(device) for tensor in data))

    def progress(step: int) -> None:
        wire.send(coordinator, {"step": step})

    if job["trainer"] == "fused":
        optimizer.lend_gradients()
    model_training = training(job["trainer"], track, model, data)
    parameters = list(model.parameters())
    outcome = _train(model_training, parameters, optimizer, data.batch_indices, job, progress)
    optimizer.close()
    sizes = {"train_samples": len(data.train_inputs), "eval_samples": len(data.eval_inputs)}
    sizes |= {"max_steps": len(data.batch_indices), "batch_size": data.batch_indices.shape[1]}
    return outcome | sizes | {"environment": environment(device)}


def _train(
    model_training: Training,
    parameters: list[nn.Parameter],
    optimizer: RemoteOptimizer,
    batch_indices: Tensor,
    job: dict[str, Any],
    progress: Callable[[int], None],
) -> dict[str, Any]:
    max_steps = len(batch_indices)
    curve: list[tuple[int, float]] = []
    training_s = 0.0

    def look(step: int) -> None:
        _require_finite(parameters, step)
        whole = job["trainer"] == "exact" or step in (0, max_steps)
        curve.append((step, model_training.measure(whole)))

    look(0)
    last_loss = float("nan")
    for step in range(1, max_steps + 1):
        started = time.perf_counter()
        optimizer.zero_grad()
        last_loss = model_training.gradients(batch_indices[step - 1])
        if not math.isfinite(last_loss):
            _require_finite(parameters, step - 1)
        optimizer.step()
        training_s += time.perf_counter() - started
        if step % job["eval_every"] == 0 or step == max_steps:
            look(step)
        if step % max(1, max_steps // PROGRESS_REPORTS) == 0:
            progress(step)
    return {"curve": curve, "last_train_loss": last_loss, "training_wall_time_s": training_s}


def _require_finite(parameters: list[nn.Parameter], step: int) -> None:
    for index, parameter in enumerate(parameters):
        if not torch.isfinite(parameter).all():
            shape = "x".join(map(str, parameter.shape))
            reason = f"parameter {index} ({shape}) is not finite after step {step}"
            raise SubmissionFailed("nonfinite", reason)


def _failure(answer: dict[str, Any]) -> SubmissionFailed:
    lines = answer.get("traceback")
    trace = [_printable(line) for line in lines] if isinstance(lines, list) else []
    reason = _printable(answer.get("reason"))
    return SubmissionFailed(_printable(answer.get("state")), reason, trace)


def _printable(text: Any) -> str:
    """What the host wrote, with everything that could act on a terminal or a file replaced."""
    known = text if isinstance(text, str) else ""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in known)


def _lost(error: Exception) -> SubmissionFailed:
    """The host is gone (the coordinator learns how it ended), or talks nonsense."""
    gone = isinstance(error, OSError | wire.PeerGoneError)
    return SubmissionFailed("crash", "" if gone else f"the optimizer process sent {error}")


def environment(device: torch.device) -> dict[str, Any]:
    """What the bits of a result depend on besides the code."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "device": str(device),
        "mps_available": torch.backends.mps.is_available(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
    }
