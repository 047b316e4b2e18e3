"""A stand-in of what the training script of modded-nanogpt's track 3 hands to its optimizers.

The parameters have the order, proportions, types and first values of the script's GPT; a run gives
them fixed gradients, which are zero for as long as they are in the script, whose readout and output
projections begin at zero. A contribution is tried on it before it goes into the script.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from tracks.base import Data, Scale, seeded
from tracks.fixed_gradients import FixedGradients
from tracks.instance import Seeds

if TYPE_CHECKING:
    from torch import nn

STEPS = 24
WIDTH, LAYERS, TOKENS = 16, 2, 80
Groups = Literal["all", "matrices"]
"""All parameters, or the matrices of the layers alone."""


class Entry(NamedTuple):
    """A parameter: `first` is the step at which its gradient is no longer zero."""

    shape: tuple[int, ...]
    std: float
    mean: float = 0.0
    first: int = 2
    half: bool = False


def entries(groups: Groups) -> list[Entry]:
    """The parameters in the script's order."""
    layer: list[Entry] = []
    for rows, columns, output in (*[(1, 1, False)] * 3, (1, 1, True), (4, 1, False), (1, 4, True)):
        shape = (rows * WIDTH, columns * WIDTH)
        std, first = (0.0, 1) if output else ((0.33 / shape[1]) ** 0.5, 2)
        layer += [Entry(shape, std, first=first), Entry(shape[:1], 0.0, first=first)]
    gain = Entry((WIDTH,), 0.0, 1.0)
    if groups == "matrices":
        return [one for one in layer * LAYERS if len(one.shape) == 2]
    head = [Entry((TOKENS, WIDTH), 0.0, first=0), Entry((TOKENS,), 0.0, first=0)]
    table = Entry((TOKENS, WIDTH), 1.0, first=1, half=True)
    outer = gain._replace(first=1)
    return [table, *[*layer, gain, gain] * LAYERS, *head, outer, outer]


class Track3Groups(FixedGradients):
    """The parameters with fixed gradients; not offered as a track."""

    scales: Mapping[str, Scale] = {"full": Scale(STEPS, 1, STEPS, 1)}

    def __init__(self, groups: Groups) -> None:
        self._entries = entries(groups)
        self.name = f"track3_{groups}"
        self.summary = f"fixed gradients for {groups} of track 3's parameters"

    def student(self, seeds: Seeds, scale: str) -> nn.Module:
        import torch
        from torch import nn

        random = seeded(seeds.student)
        model = nn.ParameterList()
        for one in self._entries:
            values = one.mean + one.std * torch.randn(one.shape, generator=random)
            model.append(nn.Parameter(values.bfloat16() if one.half else values))
        return model

    def data(self, seeds: Seeds, scale: str) -> Data:
        import torch

        random = seeded(seeds.train)
        parts = []
        for one in self._entries:
            gradients = torch.randn((STEPS, *one.shape), generator=random).flatten(1)
            gradients[: one.first] = 0.0
            parts.append(gradients)
        directions = torch.cat(parts, 1)
        return self.fixed(directions, seeds)


GROUPS = (Track3Groups("all"), Track3Groups("matrices"))
