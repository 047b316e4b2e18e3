"""The trusted side: owns data, model, loss and metric, and trains with a remote optimizer.

Per step it computes gradients, wakes the optimizer host, and reads the parameters back. The model
is a private copy, so a host that goes on writing after its step changes nothing.
"""

import math
import platform
import socket
import time
import traceback
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from tracks import gpu
from tracks.base import Data, Track, Training
from tracks.contract import student_of
from tracks.device import is_cuda
from tracks.evaluation import State
from tracks.fused import graph
from tracks.isolation import wire
from tracks.isolation.before_training import loss_before_training, require_sound
from tracks.isolation.kept import Kept
from tracks.isolation.protocol import MAX_REASON, Boxed, Done, Fault, Job, Message, Progress
from tracks.isolation.remote_optimizer import RemoteOptimizer, SubmissionFailed
from tracks.perturbation import perturb
from tracks.procedure import DIVERGED_AT, Procedure
from tracks.registry import require_loaded
from tracks.track_file import blame
from tracks.training import training

PROGRESS_REPORTS, PROGRESS_S = 100, 1.0
"""Progress messages of a run, and the time after which there is another one."""


def main(channels: list[socket.socket]) -> None:
    """Answer jobs from the coordinator, each with Done, Failed or Fault, until it goes away.

    A job comes with the data of its instance and the channel to its optimizer host.
    """
    coordinator = channels[0]
    kept = Kept()
    while True:
        try:
            job, (data, host) = wire.receive_with_descriptors(coordinator, Job)
        except wire.PeerGoneError:
            return
        with socket.socket(fileno=host) as channel:
            answer: Message
            try:
                gpu.select(job.device)
                answer = _run(job, kept.data(job, data), kept, coordinator, channel)
            except SubmissionFailed as failure:
                answer = failure.message
            except _TrainingError as error:
                answer = _failed(error.cause, job, error.after_step)
            except (Exception, SystemExit) as error:
                answer = _failed(error, job)
            wire.send(coordinator, answer)
        if graph.has_failed():
            # the next job gets a process in which torch records nothing
            coordinator.close()
            return


class _TrainingError(Exception):
    """What was raised when the optimizer had taken steps."""

    def __init__(self, cause: BaseException, after_step: int) -> None:
        super().__init__()
        self.cause, self.after_step = cause, after_step


def _failed(error: BaseException, job: Job, after_step: int = 0) -> Message:
    if is_cuda(job.device) and gpu.is_out_of_memory(error):
        reason = " ".join(f"the trainer ran out of GPU memory: {error}"[:MAX_REASON].split())
        return SubmissionFailed(State.MEMORY, reason).message
    trace = "".join(traceback.format_exception(error))
    return Fault(trace, blame(error, job.track_source), after_step)


def _run(
    job: Job, data: Data, kept: Kept, coordinator: socket.socket, channel: socket.socket
) -> Done:
    device, procedure, tell = job.device, job.procedure, partial(wire.send, coordinator)
    track = require_loaded(job.instance.track, job.track_source)
    # saturated attention is full of numbers that some processors handle a hundred times slower
    torch.set_flush_denormal(procedure.trainer == "fused")
    gpu.require_repeatable(is_cuda(device) and track.needs_deterministic_algorithms)
    if job.check_track:
        require_sound(track, job.instance, data, device, tell)
    model = student_of(track, track.student(job.instance.seeds, job.instance.scale))
    if procedure.perturbed is not None:
        perturb([p.data for p in model.parameters()], procedure.perturbed)
    parameters = list(model.to(device).parameters())
    start_loss = loss_before_training(track, model, data)
    optimizer = RemoteOptimizer(channel, parameters, kept.shared(parameters, job), job)
    tell(Boxed(optimizer.sandbox))
    optimizer.build()
    if procedure.trainer == "fused":
        optimizer.lend_gradients()
    model_training = training(procedure.trainer, track, model, data)
    overlaps = _may_overlap(procedure, optimizer, model)
    run = Run(track, model_training, optimizer, procedure, start_loss, overlaps=overlaps)
    batches = data.batch_indices[: procedure.steps]
    run.train(batches, tell)
    optimizer.close()
    return Done(
        curve=tuple(run.curve),
        last_train_loss=run.loss,
        training_wall_time_s=run.seconds,
        max_steps=len(batches),
        train_samples=len(data.train_inputs),
        eval_samples=len(data.eval_inputs),
        batch_size=data.batch_indices.shape[1],
        environment=environment(device, job.optimizer_device),
    )


def _may_overlap(procedure: Procedure, optimizer: RemoteOptimizer, model: nn.Module) -> bool:
    """Whether the host may step while the trainer evaluates the parameters of the step before.

    Not where it is published: the time of an evaluation must not hide that of a step. Nor with
    buffers, such as the statistics of batch norm, which the next forward pass changes.
    """
    beside = procedure.trainer == "fused" and not optimizer.early_zero_grad
    return beside and next(model.buffers(), None) is None


class Run:
    """One training run: its steps, and its evaluations of the metric.

    `overlaps` says whether the host steps while the trainer evaluates the step before.
    """

    def __init__(
        self,
        track: Track,
        training: Training,
        optimizer: RemoteOptimizer,
        procedure: Procedure,
        start_loss: float,
        *,
        overlaps: bool,
    ) -> None:
        self._track, self._training, self._optimizer = track, training, optimizer
        self._procedure, self._start_loss = procedure, start_loss
        self.curve: list[tuple[int, float]] = []
        self.loss = math.nan
        self._taken = 0
        """Steps of the optimizer."""
        self.seconds = 0.0
        """Wall-clock time of training, without the evaluations."""
        self._overlaps = overlaps
        self._evaluating_s = self._differentiating_s = 0.0

    def train(self, batches: Tensor, tell: Callable[[Progress], None]) -> None:
        """Train on `batches` [max_steps, batch_size]. Raises SubmissionFailed, _TrainingError."""
        try:
            self._train(batches, tell)
        except SubmissionFailed:
            raise
        except (Exception, SystemExit) as error:
            raise _TrainingError(error, self._taken) from error

    def _train(self, batches: Tensor, tell: Callable[[Progress], None]) -> None:
        started = told = time.perf_counter()
        last = len(batches)
        for step in range(1, last + 1):
            due = (step - 1) % self._procedure.eval_every == 0
            if due and not self._overlaps and self._ends_after(step - 1):
                break
            self._optimizer.zero_grad()
            before = time.perf_counter()
            self.loss = self._training.gradients(batches[step - 1])
            self._differentiating_s += time.perf_counter() - before
            self._optimizer.begin_step()
            # the host steps while the trainer evaluates the parameters of the step before
            if due and self._overlaps and self._ends_after(step - 1):
                break
            self._require_convergence(step)
            self._optimizer.end_step()
            self._taken = step
            if step % max(1, last // PROGRESS_REPORTS) == 0 or before > told + PROGRESS_S:
                told = before
                tell(Progress(step, self._differentiating_s + self._evaluating_s))
        else:
            self._evaluate(last, whole=True)
        self.seconds = time.perf_counter() - started - self._evaluating_s

    def _ends_after(self, step: int) -> bool:
        """Evaluate the metric after `step`; whether the run ends there, at its target."""
        value = self._evaluate(step, whole=step == 0)
        return step > 0 and self._track.meets(value) and self._procedure.stop_at_target

    def _evaluate(self, step: int, whole: bool) -> float:
        """Add the metric after `step` to the curve."""
        started = time.perf_counter()
        _require_finite(self._optimizer.parameters, step)
        value = self._training.measure(whole)
        self.curve.append((step, value))
        self._evaluating_s += time.perf_counter() - started
        return value

    def _require_convergence(self, step: int) -> None:
        if step == 1:
            self._start_loss = max(self._start_loss, self.loss)
        if not math.isfinite(self.loss):
            _require_finite(self._optimizer.parameters, step - 1)
        # also true of a loss that is not a number
        start = self._start_loss
        diverged = not self.loss - start <= (DIVERGED_AT - 1) * abs(start)
        if diverged and self._procedure.stop_when_diverged:
            reason = f"the training loss went from {start:.3g} to {self.loss:.3g}"
            raise SubmissionFailed(State.DIVERGED, f"{reason} at step {step}")


def _require_finite(parameters: list[nn.Parameter], step: int) -> None:
    for index, parameter in enumerate(parameters):
        # the sum costs a tenth of the full check, which it makes needless but for huge numbers
        if not (math.isfinite(parameter.detach().sum().item()) or torch.isfinite(parameter).all()):
            shape = "x".join(map(str, parameter.shape))
            reason = f"parameter {index} ({shape}) is not finite after step {step}"
            raise SubmissionFailed(State.NONFINITE, reason)


def environment(device: str, optimizer_device: str) -> dict[str, str | bool | None]:
    """What the bits of a result depend on besides the code."""
    found: dict[str, str | bool | None] = {}
    if is_cuda(device):
        found = {
            "gpu": torch.cuda.get_device_name(device),
            "cuda": torch.version.cuda,
            "optimizer_device": optimizer_device,
        }
    return found | {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "device": device,
        "mps_available": torch.backends.mps.is_available(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
    }
