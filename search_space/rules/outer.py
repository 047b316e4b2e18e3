"""Moves of the weights between steps, around any optimizer."""

from collections.abc import Sequence

import torch
from torch import Tensor


def copies(parameters: Sequence[Tensor]) -> list[Tensor]:
    """The values of the parameters now."""
    return [p.detach().clone() for p in parameters]


def return_to_slow(slow: Sequence[Tensor], parameters: Sequence[Tensor], share: float) -> None:
    """S <- S + share (W - S); W <- S."""
    for weights, p in zip(slow, parameters, strict=True):
        p.data.copy_(weights.lerp_(p.detach(), share))


def outer_step(
    slow: Sequence[Tensor],
    speed: Sequence[Tensor],
    parameters: Sequence[Tensor],
    step: float,
    momentum: float,
) -> None:
    """D = S - W; M <- m M + D; S <- S - step (D + m M); W <- S."""
    for weights, moving, p in zip(slow, speed, parameters, strict=True):
        way = weights - p.detach()
        moving.mul_(momentum).add_(way)
        p.data.copy_(weights.sub_(step * (way + momentum * moving)))


def follow_drift(
    drift: Sequence[Tensor], before: Sequence[Tensor], parameters: Sequence[Tensor], kept: float
) -> None:
    """D <- b D + (1 - b) (W - W_before); W_before <- W."""
    for mean, last, p in zip(drift, before, parameters, strict=True):
        mean.lerp_(p.detach() - last, 1 - kept)
        last.copy_(p.detach())


def move_ahead(drift: Sequence[Tensor], parameters: Sequence[Tensor], share: float) -> None:
    """W <- W + share D."""
    for mean, p in zip(drift, parameters, strict=True):
        p.data.add_(mean, alpha=share)


def free_step(
    base: Sequence[Tensor],
    mean: Sequence[Tensor],
    parameters: Sequence[Tensor],
    blend: float,
    share: float,
) -> None:
    """Z <- Z + (W - Y) for Y = (1 - b) Z + b X; X <- X + share (Z - X); W <- the new Y."""
    for z, x, p in zip(base, mean, parameters, strict=True):
        z.add_(p.detach() - torch.lerp(z, x, blend))
        x.lerp_(z, share)
        p.data.copy_(torch.lerp(z, x, blend))
