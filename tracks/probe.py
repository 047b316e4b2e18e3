"""Probes: small models with fixed gradients, to see what an optimizer does.

The curve of a run is therefore a fingerprint of the updates alone. Not offered as tracks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tracks.base import Data, Scale, Track, seeded
from tracks.fixed_gradients import FixedGradients
from tracks.instance import Seeds
from tracks.suite.random_teacher import RandomTeacher
from tracks.suite.token_recall import TokenRecall

if TYPE_CHECKING:
    from torch import nn

STEPS = 400
FADING = 0.01
"""Gradients shrink to this share of the first, as they do in training."""
TOUCHED = 0.3
"""The share of a table's rows that get a gradient at a step."""


class Probe(FixedGradients):
    """Fixed gradients for the smallest student of another track."""

    target = float("-inf")
    scales: Mapping[str, Scale] = {"full": Scale(STEPS, 1, STEPS, 1)}

    def __init__(self, model_of: Track) -> None:
        self._model_of = model_of
        self.structure = model_of.structure
        self.name = f"probe_{model_of.structure}"
        self.summary = f"fixed gradients for a student of {model_of.name}"

    def student(self, seeds: Seeds, scale: str) -> nn.Module:
        return self._model_of.student(seeds, "tiny")

    def data(self, seeds: Seeds, scale: str) -> Data:
        import torch

        shapes = [p.shape for p in self.student(seeds, scale).parameters()]
        random = seeded(seeds.train)
        fading = FADING ** torch.linspace(0, 1, STEPS)
        parts = []
        for shape in shapes:
            gradients = torch.randn((STEPS, *shape), generator=random)
            if self.structure == "tables" and len(shape) == 2:
                touched = torch.rand((STEPS, shape[0], 1), generator=random) < TOUCHED
                gradients *= touched
            parts.append(gradients.flatten(1))
        directions = torch.cat(parts, 1) * fading[:, None]
        return self.fixed(directions, seeds)


PROBES = (Probe(RandomTeacher()), Probe(TokenRecall("mqar", queries=8)))
