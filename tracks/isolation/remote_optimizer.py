"""The optimizer host as the trainer sees it: an optimizer that steps in another process."""

import socket
from typing import Any

import torch
from torch import nn

from tracks import gpu
from tracks.isolation import protocol, wire
from tracks.isolation.gpu_memory import GpuTensors
from tracks.isolation.shared_tensors import SharedTensors
from tracks.printable import printable

MAX_HOST_MESSAGE = 2**16


class SubmissionFailed(Exception):
    """The submission ended the run. `record` has state, reason and traceback."""

    def __init__(self, state: str, reason: str, trace: list[str] | None = None) -> None:
        super().__init__(reason)
        self.record = {"state": state, "reason": reason, "traceback": trace or []}


class RemoteOptimizer:
    """The optimizer in its host process, as the trainer's loop uses it."""

    def __init__(
        self,
        channel: socket.socket,
        parameters: list[nn.Parameter],
        shared: SharedTensors | GpuTensors,
        job: Any,
    ) -> None:
        self._channel = channel
        self._device: str = job["device"]
        self.parameters = parameters
        self._shared_parameters = shared.tensors[: len(parameters)]
        self._shared_gradients = shared.tensors[len(parameters) :]
        for slot, parameter in zip(self._shared_parameters, parameters, strict=True):
            slot.copy_(parameter.detach())
        gpu.synchronize(self._device)
        setup = {
            "shared": shared.layout(),
            "flush_denormals": job["procedure"]["trainer"] == "fused",
            "rng": bytes(torch.get_rng_state().tolist()).hex(),
            "gpu_rng": gpu.random_state(self._device),
            "source": job["source"],
            "cpu_s": job["limits"]["cpu_s"],
            "memory_mb": job["limits"]["memory_mb"],
            "sandbox": job["limits"]["sandbox"],
            "least_sandbox": job["limits"]["least_sandbox"],
        }
        try:
            wire.send(channel, setup, shared.descriptors)
        except wire.WireError as error:
            raise _lost(error) from error
        finally:
            shared.hand_over()
        answer = self._receive()
        if "unprepared" in answer:
            # no submission has run yet, so this is ours
            raise RuntimeError(answer["unprepared"])
        self.sandbox: str = answer["sandbox"]
        """The level that was reached before the submission was read."""
        self.early_zero_grad = False

    def build(self) -> None:
        """Wait until the submission has made its optimizer."""
        answer = self._receive()
        if not answer.get("ready"):
            raise _failure(answer)
        self.early_zero_grad = bool(answer.get("zero_grad"))
        self._read_parameters()

    def lend_gradients(self) -> None:
        """Let the trainer write gradients where the host reads them, which saves copying them."""
        for parameter, shared in zip(self.parameters, self._shared_gradients, strict=True):
            parameter.grad = shared

    def zero_grad(self) -> None:
        """Call the submission's own, where it has one: upstream does so before the forward pass."""
        if self.early_zero_grad:
            self._send(protocol.ZERO_GRAD)
            self._finish()

    def begin_step(self) -> None:
        """Hand over the gradients, as they are now."""
        present = bytearray(len(self.parameters))
        for index, parameter in enumerate(self.parameters):
            if parameter.grad is not None:
                present[index] = 1
                if parameter.grad is not self._shared_gradients[index]:
                    self._shared_gradients[index].copy_(parameter.grad)
        gpu.synchronize(self._device)
        self._send(protocol.STEP + present)

    def end_step(self) -> None:
        """Wait until the host has stepped, and read the parameters."""
        self._finish()

    def close(self) -> None:
        try:
            self._channel.sendall(protocol.QUIT)
        except OSError:
            pass

    def _send(self, order: bytes) -> None:
        try:
            self._channel.sendall(order)
        except OSError as error:
            raise _lost(error) from error

    def _finish(self) -> None:
        try:
            reply = wire.receive_bytes(self._channel, 1)
        except (OSError, wire.WireError) as error:
            raise _lost(error) from error
        if reply == protocol.FAILED:
            raise _failure(self._receive())
        if reply != protocol.OK:
            raise _lost(wire.WireError("an unknown reply"))
        self._read_parameters()

    def _receive(self) -> dict[str, Any]:
        try:
            return wire.receive(self._channel, MAX_HOST_MESSAGE)
        except wire.WireError as error:
            raise _lost(error) from error

    def _read_parameters(self) -> None:
        with torch.no_grad():
            torch._foreach_copy_([*self.parameters], self._shared_parameters)
        # the host may write again as soon as it gets its next order
        gpu.synchronize(self._device)


def _failure(answer: dict[str, Any]) -> SubmissionFailed:
    lines = answer.get("traceback")
    trace = [printable(line) for line in lines] if isinstance(lines, list) else []
    reason = printable(answer.get("reason"))
    return SubmissionFailed(printable(answer.get("state")), reason, trace)


def _lost(error: Exception) -> SubmissionFailed:
    """The host is gone (the coordinator learns how it ended), or talks nonsense."""
    gone = isinstance(error, OSError | wire.PeerGoneError)
    return SubmissionFailed("crash", "" if gone else f"the optimizer process sent {error}")
