"""The untrusted side: runs one submission on shared parameters and gradients, and nothing else.

It gets the parameters, the gradients of each step and the state of the global random generator, as
the contract grants them; the track, the seeds, the data and the metric never enter this process.
"""

import gc
import inspect
import linecache
import os
import random
import socket
import sys
import traceback
import types
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NoReturn

import numpy.random
import torch
from torch import Tensor

from tracks import gpu
from tracks.device import HIDDEN_GPUS, is_cuda
from tracks.evaluation import State
from tracks.isolation import limits, protocol, sandbox, wire
from tracks.isolation.gpu_memory import GpuTensors
from tracks.isolation.protocol import Boxed, Failed, Prepare, Ready, Setup, Unprepared
from tracks.isolation.shared_tensors import SharedTensors
from tracks.rules.bare import bare
from tracks.rules.rulebook import COMPILE

FILENAME = "submission.py"
MAX_TRACE_LINES = 40
MAX_TRACE_WIDTH = 500


class ContractError(Exception):
    """The submission does not keep the contract."""


def main(channels: list[socket.socket]) -> None:
    channel, watcher = channels
    device = wire.receive(channel, Prepare).device
    if not is_cuda(device):
        # the trainer may use one; the driver looks here when it is first asked
        os.environ.update(HIDDEN_GPUS)
    problem = _prepare(device)
    setup, descriptors = wire.receive_with_descriptors(channel, Setup)
    if problem:
        wire.send(channel, Unprepared(f"the host cannot use {device}: {problem}"))
        return
    on_gpu = is_cuda(device)
    shared: SharedTensors | GpuTensors
    if on_gpu:
        shared = GpuTensors.attach(setup.shared)
    else:
        shared = SharedTensors.attach(descriptors[0], setup.shared)
        # Python keeps a copy of the descriptor of what it has mapped
        os.closerange(watcher.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
    _make_repeatable(setup, device)
    limits.apply_to_this_process(setup.cpu_s, None if on_gpu else setup.memory_mb)
    gpu.limit_memory(device, setup.memory_mb)
    box = sandbox.close(setup.sandbox, gpu=on_gpu, watcher=watcher)
    watcher.close()
    if not box.level.holds(setup.least_sandbox):
        wire.send(channel, Unprepared(box.short_of(setup.least_sandbox)))
        return
    wire.send(channel, Boxed(box.level))
    # no frame keeps the text as it was
    setup = replace(setup, source=bare(setup.source))
    _serve(channel, setup, shared.tensors, device)


def _serve(channel: socket.socket, setup: Setup, shared: list[Tensor], device: str) -> None:
    """Build the optimizer, then obey orders; the shared tensors are parameters, then gradients."""
    half = len(shared) // 2
    slots, gradients = shared[:half], shared[half:]
    parameters = [torch.nn.Parameter(slot) for slot in slots]
    try:
        optimizer = _build(setup.source, parameters, setup.length)
        _publish(parameters, slots)
        gpu.synchronize(device)
        # a submission may move its parameters in zero_grad, which upstream calls before the forward
        early = type(optimizer).zero_grad is not torch.optim.Optimizer.zero_grad
    except BaseException as error:
        wire.send(channel, _failure(error))
        return
    wire.send(channel, Ready(early))
    while (order := wire.receive_bytes(channel, 1)) != protocol.QUIT:
        try:
            if order == protocol.ZERO_GRAD:
                optimizer.zero_grad(set_to_none=True)
            else:
                present = wire.receive_bytes(channel, len(parameters))
                if not early:
                    optimizer.zero_grad(set_to_none=True)
                _accumulate(parameters, gradients, present)
                optimizer.step()
            _publish(parameters, slots)
            gpu.synchronize(device)
        except BaseException as error:
            channel.sendall(protocol.FAILED)
            wire.send(channel, _failure(error))
            return
        channel.sendall(protocol.OK)


def _prepare(device: str) -> str:
    """Get the device ready, which needs no submission; the problem, or nothing."""
    try:
        gpu.prepare(device)
        gpu.require_repeatable(is_cuda(device))
    except Exception as error:
        return f"{type(error).__name__}: {error}"[: protocol.MAX_REASON]
    return ""


def _make_repeatable(setup: Setup, device: str) -> None:
    """Equal inputs, equal bits: torch's generators are set by the trainer, the others here."""
    torch.set_flush_denormal(setup.flush_denormals)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    sys.argv = [FILENAME]
    random.seed(0)
    numpy.random.seed(0)
    torch.set_rng_state(torch.frombuffer(bytearray.fromhex(setup.rng), dtype=torch.uint8))
    gpu.set_random_state(device, setup.gpu_rng)
    _forbid_compile()
    gc.enable()


def _forbid_compile() -> None:
    """Refuse torch.compile by name where it is called; the compiler would fail to write files."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise RuntimeError(f"{COMPILE.reason}; {COMPILE.remedy}")

    torch.compile = refuse
    dynamo = sys.modules.get("torch._dynamo")
    if dynamo:
        dynamo.optimize = refuse  # type: ignore[attr-defined]


def _build(
    source: str, parameters: list[torch.nn.Parameter], length: int | None
) -> torch.optim.Optimizer:
    linecache.cache[FILENAME] = (len(source), None, source.splitlines(keepends=True), FILENAME)
    module = types.ModuleType("submission")
    module.__file__ = FILENAME
    sys.modules["submission"] = module
    exec(compile(source, FILENAME, "exec", dont_inherit=True), module.__dict__)
    submission = getattr(module, "Submission", None)
    if submission is None:
        raise ContractError("it defines no class Submission")
    if not (isinstance(submission, type) and issubclass(submission, torch.optim.Optimizer)):
        raise ContractError("Submission is not a subclass of torch.optim.Optimizer")
    build: Callable[..., object] = submission
    given = (parameter for parameter in parameters)
    takes_length = length is not None and "max_steps" in inspect.signature(submission).parameters
    optimizer = build(given, max_steps=length) if takes_length else build(given)
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise ContractError("Submission(params) does not give a torch.optim.Optimizer")
    return optimizer


def _accumulate(
    parameters: Sequence[torch.nn.Parameter], gradients: Sequence[Tensor], present: bytes
) -> None:
    """Give each parameter a gradient tensor of its own, as a fresh backward pass would."""
    for parameter, gradient, given in zip(parameters, gradients, present, strict=True):
        if not (given and parameter.requires_grad):
            continue
        if parameter.grad is None:
            parameter.grad = gradient.clone()
        else:
            parameter.grad.data.add_(gradient)


def _publish(parameters: Sequence[torch.nn.Parameter], slots: Sequence[Tensor]) -> None:
    """Copy out parameters whose storage the submission replaced."""
    for index, (parameter, slot) in enumerate(zip(parameters, slots, strict=True)):
        if parameter.data_ptr() == slot.data_ptr() and parameter.stride() == slot.stride():
            continue
        if parameter.shape != slot.shape or parameter.dtype != slot.dtype:
            raise ContractError(
                f"it turned parameter {index} from {slot.dtype} {list(slot.shape)} "
                f"into {parameter.dtype} {list(parameter.shape)}"
            )
        slot.copy_(parameter.detach())


def _failure(error: BaseException) -> Failed:
    """The state, the reason, and the submission's own lines of the traceback."""
    try:
        text = str(error)
    except BaseException:
        text = "(its message cannot be read)"
    if isinstance(error, ContractError):
        return Failed(State.INVALID, text)
    reason = " ".join(f"{type(error).__name__}: {text}"[: protocol.MAX_REASON].split())
    trace = traceback.extract_tb(error.__traceback__)
    frames = traceback.format_list([frame for frame in trace if frame.filename == FILENAME])
    lines = [line[:MAX_TRACE_WIDTH] for line in "".join(frames).splitlines()[-MAX_TRACE_LINES:]]
    state = State.MEMORY if gpu.is_out_of_memory(error) else State.EXCEPTION
    return Failed(state, reason, tuple(lines))
