"""How a run is measured: by which trainer, how often, and when it may end early."""

from dataclasses import dataclass
from typing import Literal, get_args

from tracks.base import Objective, Scale, Track
from tracks.device import CPU, is_cuda

TrainerName = Literal["exact", "fused"]
TRAINERS: tuple[TrainerName, ...] = get_args(TrainerName)
DIVERGED_AT = 1e3
"""A training loss of this many times the loss at the start has diverged."""


@dataclass(frozen=True)
class Procedure:
    """`eval_every` is the number of steps between two evaluations of the metric.

    With `stop_at_target` a run ends at the first evaluation that meets the target: the metric after
    max_steps is then unknown. With `stop_when_diverged` it fails as soon as the training loss is
    not finite, or DIVERGED_AT times both the untrained student's and that of the first step;
    without, when parameters are not finite.

    A run ends after `steps` steps, where they are given. `length` is passed to a constructor that
    takes `max_steps`: for how long a schedule is meant; without it, a file keeps its own length.

    `perturbed` is the seed of a change of the student's initial weights in their last bit
    (`tracks.perturbation`), of which a submission learns nothing.
    """

    eval_every: int
    trainer: TrainerName = "exact"
    stop_at_target: bool = False
    stop_when_diverged: bool = False
    steps: int | None = None
    length: int | None = None
    perturbed: int | None = None

    def last_step(self, scale: Scale) -> int:
        """The step after which a run of this scale ends, unless it stops before."""
        return min(self.steps or scale.max_steps, scale.max_steps)


def optimizer_device(track: Track, procedure: Procedure, device: str) -> str:
    """Where the optimizer of an evaluation on `device` steps: there, or on the CPU.

    Students with closed-form gradients are small. Beside a trainer that uses these on a GPU, an
    optimizer on the CPU steps as fast, starts in milliseconds and has the whole sandbox.
    """
    small = procedure.trainer == "fused" and track.has_closed_form
    return CPU if is_cuda(device) and small else device


def official_procedure(track: Track, objective: Objective) -> Procedure:
    """Upstream's loop to the bit and to its last step: what is recorded and published."""
    return Procedure(track.eval_every[objective])


def search_procedure(track: Track, objective: Objective) -> Procedure:
    """Closed-form gradients, and no longer than the objective needs: for comparisons."""
    return Procedure(track.eval_every[objective], "fused", objective == "steps", True)
