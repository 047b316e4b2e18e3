"""Tiny models and a plain training loop, to run many rendered optimizers in little time."""

import functools
import inspect
import types
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tracks.base import Data
from tracks.instance import official_instance
from tracks.registry import get_track

TRACKS = ("random_teacher", "mqar", "single_ar")
MODELS = ("attention", "tables", "other")
STRUCTURES = ("attention", "tables")


class Tables(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.q, self.k, self.v = (nn.Embedding(40, 8) for _ in range(3))
        self.readout = nn.Linear(8, 8)


class Other(nn.Module):
    """Shapes that no pattern knows: a convolution, an oblong matrix, vectors, a scalar."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv1d(2, 3, 3), nn.Linear(6, 5), nn.LayerNorm(5))
        self.scale = nn.Parameter(torch.tensor(1.0))


def tiny_model(name: str) -> nn.Module:
    torch.manual_seed(0)
    makers: dict[str, Callable[[], nn.Module]] = {
        "attention": lambda: nn.MultiheadAttention(8, 1, batch_first=True),
        "tables": Tables,
        "other": Other,
    }
    return makers[name]()


def tiny_loss(model: Any, generator: torch.Generator) -> Tensor:
    if isinstance(model, nn.MultiheadAttention):
        x = torch.randn(4, 5, 8, generator=generator)
        return (model(x, x, x, need_weights=False)[0] - x.roll(1, 1)).square().mean()
    if isinstance(model, Tables):
        tokens = torch.randint(0, 40, (6, 5), generator=generator)
        scores = model.q(tokens[:, -1:]) @ model.k(tokens[:, :-1]).transpose(1, 2)
        mixed = torch.softmax(scores / 3, -1) @ model.v(tokens[:, :-1])
        return F.cross_entropy(model.readout(mixed)[:, 0], tokens[:, 0] % 8)
    x = torch.randn(4, 2, 8, generator=generator)
    return (model.layers(x) * model.scale - x.mean()).square().mean()


def module_of(source: str) -> types.ModuleType:
    module = types.ModuleType("submission")
    exec(compile(source, "submission.py", "exec"), module.__dict__)
    return module


def build(source: str, parameters: Any, steps: int) -> Any:
    """The optimizer of a rendered file for a run of `steps`; some do not depend on the length."""
    submission = module_of(source).Submission
    depends = "max_steps" in inspect.signature(submission).parameters
    return submission(parameters, max_steps=steps) if depends else submission(parameters)


def train(source: str, name: str, steps: int = 20) -> nn.Module:
    """A plain loop as upstream has it; returns the trained model."""
    model = tiny_model(name)
    optimizer = build(source, model.parameters(), steps)
    generator = torch.Generator().manual_seed(1)
    for _ in range(steps):
        optimizer.zero_grad(set_to_none=True)
        loss = tiny_loss(model, generator)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return model


@functools.cache
def track_data(track: str) -> Data:
    return get_track(track).data(official_instance(track, "small").seeds, "small")


def train_on_track(source: str, track: str, steps: int = 20) -> nn.Module:
    """Some steps on the small instance of a track, in this process."""
    data, known = track_data(track), get_track(track)
    model = known.student(official_instance(track, "small").seeds, "small")
    optimizer = build(source, model.parameters(), steps)
    for rows in data.batch_indices[:steps]:
        optimizer.zero_grad(set_to_none=True)
        loss = known.loss(model, data.train_inputs[rows], data.train_targets[rows])
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return model


def is_finite(model: nn.Module) -> bool:
    return all(bool(torch.isfinite(p).all()) for p in model.parameters())


def follow(source: str, start: Tensor, gradients: list[Tensor]) -> Tensor:
    """One parameter after a step on each of the gradients."""
    parameter = nn.Parameter(start.clone())
    optimizer = build(source, [parameter], len(gradients))
    for gradient in gradients:
        parameter.grad = gradient.clone()
        optimizer.step()
    return parameter.detach()
