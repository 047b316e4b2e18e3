"""What is computed before a submission runs: the first loss, and whether a track can be used."""

import copy
import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from tracks.base import Data, Track
from tracks.contract import blaming, loss_of, student_of, wrong
from tracks.device import is_cuda
from tracks.instance import Instance
from tracks.isolation.protocol import Calling
from tracks.training import AutogradTraining

SAMPLES = 32
"""Of the first batch, for a loss before training."""
SAME, SMALL = 1e-5, 1e-9
"""Relative and absolute differences of two numbers that differ by rounding, as sums on a GPU do."""


def loss_before_training(track: Track, model: nn.Module, data: Data) -> float:
    """Of the student as it is built, the scale for divergence; this changes nothing of a run."""
    rows, device = data.batch_indices[0, :SAMPLES], data.train_inputs.device
    # a forward pass changes the statistics of batch norm
    with blaming(track, "a copy of the student"):
        untouched = copy.deepcopy(model)
    with torch.random.fork_rng([device] if is_cuda(device.type) else []), torch.no_grad():
        given = track.loss(untouched, data.train_inputs[rows], data.train_targets[rows])
        return loss_of(track, given).item()


def require_sound(
    track: Track, instance: Instance, data: Data, device: str, tell: Callable[[Calling], None]
) -> None:
    """Require numbers, and twice the same, of a track of one's own. Raises TrackError.

    The untrained student is built twice, with its loss and its metric; each call is told before,
    and that they have ended. The state of torch's generators is as it was.
    """
    rows = data.batch_indices[0, :SAMPLES]
    built: list[list[Tensor]] = []
    found: dict[str, list[float]] = {"loss": [], "measure": []}
    with torch.random.fork_rng([device] if is_cuda(device) else []):
        for _ in range(2):
            tell(Calling("student"))
            with blaming(track, "student"):
                model = student_of(track, track.student(instance.seeds, instance.scale)).to(device)
            built.append([parameter.detach().clone() for parameter in model.parameters()])
            remedy = "call torch.manual_seed(seeds.student) first"
            problem = f"student gives other parameters for the same seeds; {remedy}"
            _require_equal(track, built[0], built[-1], problem)
            torch.manual_seed(instance.seeds.student)
            training = AutogradTraining(track, model, data)
            tell(Calling("loss"))
            with blaming(track, "loss"):
                found["loss"].append(training.gradients(rows))
            tell(Calling("measure"))
            with blaming(track, "measure"):
                found["measure"].append(training.measure(whole=True))
            parameters = list(model.parameters())
            if any(p.grad is not None and p.grad.is_sparse for p in parameters):
                raise wrong(track, "loss has a sparse gradient; build embeddings with sparse=False")
            problem = "loss or measure changes the parameters of the model; only a submission may"
            _require_equal(track, built[-1], parameters, problem)
            for name, values in found.items():
                _require_same_number(track, name, values)
    tell(Calling(""))


def _require_equal(
    track: Track, first: Sequence[Tensor], last: Sequence[Tensor], problem: str
) -> None:
    if len(first) != len(last) or not all(map(torch.equal, first, last)):
        raise wrong(track, problem)


def _require_same_number(track: Track, name: str, values: list[float]) -> None:
    first, last = values[0], values[-1]
    if math.isnan(last) or (name == "loss" and not math.isfinite(last)):
        raise wrong(track, f"{name} gives {last:g} for the untrained student")
    if not math.isclose(first, last, rel_tol=SAME, abs_tol=SMALL):
        raise wrong(
            track,
            f"{name} gives {first:.6g} and then {last:.6g} for the same student, samples and state "
            "of torch's generator; a run must give the same twice",
        )
