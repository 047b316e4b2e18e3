"""The optimizer host as the trainer sees it: an optimizer that steps in another process."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import torch
from torch import nn

from tracks import gpu
from tracks.evaluation import State
from tracks.isolation import protocol, wire
from tracks.isolation.gpu_memory import GpuTensors
from tracks.isolation.levels import Level
from tracks.isolation.mirror_memory import MirroredTensors
from tracks.isolation.protocol import Boxed, Failed, Job, Ready, Setup, Unprepared
from tracks.isolation.shared_tensors import SharedTensors
from tracks.isolation.wire import A, B
from tracks.printable import printable

MAX_HOST_MESSAGE = 2**16
HostTensors = SharedTensors | GpuTensors | MirroredTensors
"""Parameters and gradients that trainer and host use: on the CPU, on one GPU, or on both."""


class SubmissionFailed(Exception):
    """The submission ended the run."""

    def __init__(self, state: State, reason: str = "", traceback: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.message = Failed(state, reason, traceback)


class RemoteOptimizer:
    """The optimizer in its host process, as the trainer's loop uses it."""

    def __init__(
        self, channel: socket.socket, parameters: list[nn.Parameter], shared: HostTensors, job: Job
    ) -> None:
        self._channel = channel
        self._device = job.device
        self._mirror = shared if isinstance(shared, MirroredTensors) else None
        self.parameters = parameters
        self._shared_parameters = shared.tensors[: len(parameters)]
        self._shared_gradients = shared.tensors[len(parameters) :]
        self.early_zero_grad = False
        for slot, parameter in zip(self._shared_parameters, parameters, strict=True):
            slot.copy_(parameter.detach())
        if self._mirror:
            self._mirror.send_parameters()
        gpu.synchronize(self._device)
        try:
            with _crash_of_the_host():
                wire.send(channel, _setup(job, shared), shared.descriptors)
        finally:
            shared.hand_over()
        answer = self._receive(Boxed, Unprepared)
        if isinstance(answer, Unprepared):
            # no submission has run yet, so this is the machine's
            raise RuntimeError(answer.reason)
        self.sandbox = answer.level
        """The level that was reached before the submission was compiled."""

    def build(self) -> None:
        """Wait until the submission has built its optimizer."""
        answer = self._receive(Ready, Failed)
        if isinstance(answer, Failed):
            raise _failure(answer)
        self.early_zero_grad = answer.early_zero_grad
        self._read_parameters()

    def lend_gradients(self) -> None:
        """Let the trainer write gradients where the host reads them, which saves copying them."""
        for parameter, shared in zip(self.parameters, self._shared_gradients, strict=True):
            parameter.grad = shared

    def zero_grad(self) -> None:
        """Call the submission's own, where it has one: upstream does so before the forward pass."""
        if self.early_zero_grad:
            self._send(protocol.ZERO_GRAD)
            self.end_step()

    def begin_step(self) -> None:
        """Hand over the gradients, as they are now."""
        present = bytearray(len(self.parameters))
        for index, parameter in enumerate(self.parameters):
            if parameter.grad is not None:
                present[index] = 1
                if parameter.grad is not self._shared_gradients[index]:
                    self._shared_gradients[index].copy_(parameter.grad)
        if self._mirror:
            self._mirror.send_gradients()
        gpu.synchronize(self._device)
        self._send(protocol.STEP + present)

    def end_step(self) -> None:
        """Wait until the host has done as ordered, and read the parameters."""
        with _crash_of_the_host():
            reply = wire.receive_bytes(self._channel, 1)
            if reply not in (protocol.OK, protocol.FAILED):
                raise wire.WireError("an unknown reply")
        if reply == protocol.FAILED:
            raise _failure(self._receive(Failed))
        self._read_parameters()

    def close(self) -> None:
        with suppress(OSError):
            self._channel.sendall(protocol.QUIT)

    def _send(self, order: bytes) -> None:
        with _crash_of_the_host():
            self._channel.sendall(order)

    def _receive(self, kind: type[A], other: type[B] | None = None) -> A | B:
        with _crash_of_the_host():
            return wire.receive(self._channel, kind, other, limit=MAX_HOST_MESSAGE)

    def _read_parameters(self) -> None:
        if self._mirror:
            self._mirror.receive_parameters()
        with torch.no_grad():
            torch._foreach_copy_([*self.parameters], self._shared_parameters)
        # the host may write again as soon as it gets its next order
        gpu.synchronize(self._device)


def _setup(job: Job, shared: HostTensors) -> Setup:
    limits = job.limits
    return Setup(
        shared=shared.layout,
        source=job.source,
        flush_denormals=job.procedure.trainer == "fused",
        rng=bytes(torch.get_rng_state().tolist()).hex(),
        gpu_rng=gpu.random_state(job.optimizer_device),
        cpu_s=limits.cpu_s or limits.wall_s,
        memory_mb=limits.memory_mb,
        sandbox=limits.sandbox or Level.FULL,
        least_sandbox=limits.least_sandbox,
        length=job.procedure.length,
    )


def _failure(answer: Failed) -> SubmissionFailed:
    """The host's message is untrusted: it may claim anything, but not to have finished."""
    state = State.CRASH if answer.state is State.COMPLETE else answer.state
    trace = tuple(printable(line) for line in answer.traceback)
    return SubmissionFailed(state, printable(answer.reason), trace)


@contextmanager
def _crash_of_the_host() -> Iterator[None]:
    """The host is gone (the coordinator learns how it ended), or sent no expected message."""
    try:
        yield
    except (OSError, wire.PeerGoneError) as error:
        raise SubmissionFailed(State.CRASH) from error
    except wire.WireError as error:
        raise SubmissionFailed(State.CRASH, f"the optimizer process sent {error}") from error
