"""How one run is measured: by which trainer, how often it looks, and when it may end early."""

from dataclasses import asdict, dataclass
from typing import Any

from tracks.base import Objective, Track
from tracks.training import TrainerName

FAR_ABOVE_START = 1e3
"""A training loss at so many times that of the start has diverged."""


@dataclass(frozen=True)
class Procedure:
    """`eval_every` is the number of steps between two looks at the metric.

    With `stop_at_target` a run ends at the first look that meets the target: the steps to it are
    known then, the metric after the last step is not. With `stop_when_diverged` it fails as soon as
    the training loss is not finite, or far above both the untrained student's and the first step's;
    without, when parameters are not finite.
    """

    eval_every: int
    trainer: TrainerName = "exact"
    stop_at_target: bool = False
    stop_when_diverged: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def official_procedure(track: Track, objective: Objective) -> Procedure:
    """Upstream's loop to the bit and to its last step: what is recorded and published."""
    return Procedure(track.eval_every[objective])


def search_procedure(track: Track, objective: Objective) -> Procedure:
    """For what is only compared: by formula, and no longer than the objective needs."""
    return Procedure(track.eval_every[objective], "fused", objective == "steps", True)
