"""The contract of a track: its data, its student, its loss and its metric."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from tracks.instance import WIDE_SEED, Seeds

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

Objective = Literal["final", "steps"]


@dataclass(frozen=True)
class Scale:
    """Size of a run. A track adds its own dimensions in a subclass."""

    max_steps: int
    batch_size: int
    train_samples: int
    eval_samples: int

    @property
    def work(self) -> int:
        """What a run computes, in a unit of the track's own; samples, where all are one size."""
        return self.max_steps * self.batch_size


@dataclass(frozen=True)
class Proxy:
    """A scale that stands for a larger one: a whole run in small. `keep` is the share of trials
    that goes on from it; `autoresearch fidelity` measures what that costs."""

    scale: str
    keep: float


@dataclass(frozen=True)
class Metric:
    """What evaluation reports, under any name."""

    name: str
    higher_is_better: bool = False
    answers: int = 0
    """Answers of a sample that are counted as right or wrong; 0 where the metric is no count."""
    log: bool = False
    """Whether results are compared by the logarithm of the loss: for a loss whose ratios matter, as
    those of a squared error or of a share of wrong answers do. Otherwise by differences."""

    @property
    def is_share(self) -> bool:
        """Whether its values go from 0 to 1, of which 1 is the best."""
        return self.higher_is_better and bool(self.log or self.answers)

    def loss(self, value: float) -> float:
        """The metric as a loss: itself, or where higher is better 1 - share, or -value."""
        if self.is_negated:
            return -value
        return 1.0 - value if self.is_share else value

    def value(self, loss: float) -> float:
        """The metric of a loss."""
        return self.loss(loss)

    @property
    def is_negated(self) -> bool:
        """Whether the loss is -value."""
        return self.higher_is_better and not self.is_share

    @property
    def loss_name(self) -> str:
        """What the loss is called, but for its sign."""
        words = "MSE" if self.name == "mse" else self.name.replace("_", " ")
        return "error rate" if self.is_share else words

    @property
    def signed_loss_name(self) -> str:
        """What values of the loss are called, of which the lower is the better."""
        return f"negative {self.loss_name}" if self.is_negated else self.loss_name

    @property
    def unit(self) -> str:
        """Of a difference between two results."""
        return f"log10 {self.loss_name}" if self.log else self.loss_name


class Data(NamedTuple):
    """All tensors of a run; the first dimension of the first four is the sample."""

    train_inputs: Tensor
    train_targets: Tensor
    eval_inputs: Tensor
    eval_targets: Tensor
    batch_indices: Tensor
    """[max_steps, batch_size] int64, rows of the training set."""


@dataclass(frozen=True)
class TrackSource:
    """A track's file, and the SHA-256 of what it held when it was loaded."""

    path: str
    digest: str


class Training(Protocol):
    """Gradients and metric of one model on the data of one instance."""

    def gradients(self, rows: Tensor) -> float:
        """Set `.grad` of the parameters for the samples `rows` [batch]; returns their loss."""

    def measure(self, whole: bool) -> float:
        """The metric on the evaluation set.

        Unless `whole`, it may stop once the target can no longer be met, and return the metric of
        the samples so far.
        """


def track_option(name: str, file: str | None) -> str:
    """What `--track` gets for a track of this name, and of this file where it has one."""
    return f"{file}:{name}" if file else name


class Track(ABC):
    """One benchmark. The attributes below describe it; the methods build and measure it.

    A track has `scales`, of which 'full' is the benchmark, and the four abstract methods; all else
    has a default, and `tracks.track_file` fills in what follows from these: the name from that of
    the file, the summary from the docstring, `eval_every`, and a scale 'small' for a try.

    `task` states in mathematics what is learned, for authors of optimizers; `structure` what the
    student is made of, for proposers that choose by it. Without a `target` there is no objective
    'steps'. `eval_every` is, for each objective, the default number of steps between two
    evaluations of the metric. `proxies` has for a scale the smaller ones that a trial must pass
    before it, the cheapest first; `autoresearch fidelity` measures what they are worth. `screen` is
    the scale, if any, whose runs choose among the candidates for a trial of the full one; where it
    is one of the proxies, and no recipe is known, trials are chosen among hundreds. `files` names
    what the methods read beside the track's own file: when it changes, nothing that was measured
    before counts. A run has `time_limit_s` seconds of wall-clock time; a longer one may take
    `max_slowdown` times what adamw takes at the same scale on the same machine under the load of
    that moment. Where `needs_deterministic_algorithms`, a repeat on a GPU differs in its last bits
    without them, as sums over table rows do. Where it `can_be_recorded`, the loss is the same
    kernels in the same order for every batch, without a random number or a wait for the GPU, and it
    reaches every parameter: then a step of `fused` is one CUDA graph.
    """

    name: str = ""
    summary: str = ""
    task: str = ""
    structure: Literal["any", "attention", "tables"] = "any"
    metric: Metric = Metric("loss")
    target: float | None = None
    objective: Objective = "final"
    eval_every: Mapping[Objective, int] = {}
    scales: Mapping[str, Scale] = {}
    files: Sequence[str] = ()
    proxies: Mapping[str, Sequence[Proxy]] = {}
    screen: str | None = None
    time_limit_s: float = 60.0
    max_slowdown: float = 100.0
    needs_deterministic_algorithms: bool = False
    can_be_recorded: bool = False
    source: TrackSource | None = None
    """The file that it was loaded from; None for a track of the suite or of a package."""

    @property
    def track_option(self) -> str:
        """What `--track` gets: its name, or its file."""
        return track_option(self.name, self.source.path if self.source else None)

    @property
    def has_closed_form(self) -> bool:
        """Whether it has closed-form gradients."""
        return type(self).fused is not Track.fused

    def has_rung(self, scale: str, smaller: str | None) -> bool:
        """Whether what is chosen at the smaller one holds at `scale`: it is one of its proxies."""
        return smaller in [proxy.scale for proxy in self.proxies.get(scale, ())]

    def steps_to_target(self, curve: Iterable[tuple[int, float]]) -> int | None:
        """The first step after 0 of a curve (step, metric) that met the target, if any did."""
        met = (step for step, value in curve if step and self.meets(value))
        return next(met, None)

    def missing_scales(self) -> list[str]:
        """Those that its proxies name and it does not have."""
        named = {*self.proxies, *(one.scale for each in self.proxies.values() for one in each)}
        return sorted(named - {"small", *self.scales})

    def meets(self, value: float) -> bool:
        """Whether a value of the metric meets the target."""
        if self.target is None:
            return False
        higher = self.metric.higher_is_better
        return value >= self.target if higher else value <= self.target

    @abstractmethod
    def data(self, seeds: Seeds, scale: str) -> Data:
        """Build all tensors of a run on the CPU."""

    @abstractmethod
    def student(self, seeds: Seeds, scale: str) -> nn.Module:
        """Seed the global generator with `seeds.student`, then build the model to train."""

    @abstractmethod
    def loss(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> Tensor:
        """Training loss of one batch, a scalar that can be differentiated."""

    def fused(self, model: nn.Module, data: Data) -> Training | None:
        """Training of `model` by closed-form gradients, where model and data are; None without."""
        return None

    @abstractmethod
    def measure(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> float:
        """The metric on the evaluation set; called in eval mode without gradients."""


def seeded(seed: int) -> torch.Generator:
    """A fresh CPU generator."""
    import torch

    return torch.Generator().manual_seed(seed)


def token_order(seed: int, count: int) -> Tensor:
    """The permutation of `count` token identifiers of a seed, as `Seeds.tokens`."""
    import hashlib

    import numpy as np
    import torch

    if seed < WIDE_SEED:
        return torch.randperm(count, generator=seeded(seed))
    words = np.frombuffer(hashlib.shake_256(str(seed).encode()).digest(8 * count), "<u8")
    return torch.from_numpy(words.argsort(kind="stable"))


def batch_indices(seeds: Seeds, scale: Scale) -> Tensor:
    """The order of training samples, [max_steps, batch_size]."""
    import torch

    shape = (scale.max_steps, scale.batch_size)
    return torch.randint(0, scale.train_samples, shape, generator=seeded(seeds.batch))
