"""Averages of the weights over steps, copied into the model at the end of the run."""

from collections.abc import Sequence

import torch
from torch import Tensor


def blend_in(averages: list[Tensor], parameters: Sequence[Tensor], share: float) -> None:
    """A <- A + share (W - A); the first call copies W."""
    if not averages:
        averages.extend(p.detach().clone() for p in parameters)
    for average, p in zip(averages, parameters, strict=True):
        average.lerp_(p.detach(), share)


def copy_in(averages: Sequence[Tensor], parameters: Sequence[Tensor], share: float = 1.0) -> None:
    """W <- W + share (A - W)."""
    for average, p in zip(averages, parameters, strict=False):
        p.data.lerp_(average, share)


def pull_coherent(
    averages: Sequence[Tensor], signs: list[Tensor], parameters: Sequence[Tensor], pull: float
) -> None:
    """W <- W + pull c (A - W), most where the sign of the gradient stays the same.

    S <- 0.96 S + 0.04 sign(G); c = |S| / mean |S|, within [0.5, 1.75].
    """
    if not signs:
        signs.extend(torch.zeros_like(p) for p in parameters)
    for average, sign, p in zip(averages, signs, parameters, strict=True):
        if p.grad is None:
            continue
        sign.lerp_(p.grad.sign(), 0.04)
        coherence = sign.abs() / sign.abs().mean().clamp(min=1e-12)
        p.data.add_((average - p) * coherence.clamp(0.5, 1.75), alpha=pull)
