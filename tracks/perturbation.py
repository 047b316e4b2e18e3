"""A change of a student's initial weights in their last bit, which shows how chaotic a run is."""

import torch
from torch import Tensor

from tracks.base import seeded


def perturb(parameters: list[Tensor], seed: int) -> None:
    """W <- W (1 + s e) in place, e the machine epsilon of its type, s = -1 or 1 for each entry.

    The signs come from a generator of their own, so that nothing else draws other numbers.
    """
    generator = seeded(seed)
    for p in parameters:
        signs = 2 * torch.randint(0, 2, p.shape, generator=generator) - 1
        p.mul_(1 + signs.to(p) * torch.finfo(p.dtype).eps)
