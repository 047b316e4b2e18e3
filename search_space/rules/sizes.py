"""Sizes of updates and of weights."""

import torch
from torch import Tensor


def with_norm(update: Tensor, norm: Tensor) -> Tensor:
    """Scale to the Frobenius norm `norm`."""
    return update * (norm / update.norm().clamp(min=1e-20))


def norm_ratio(value: Tensor, update: Tensor) -> Tensor:
    """|W| / |U|, or one where W is zero, which no multiple of W can leave."""
    size = value.norm()
    return torch.where(size > 0, size / update.norm().clamp(min=1e-20), torch.ones_like(size))


def ball_radius(value: Tensor) -> Tensor:
    """The norm of W, at least that of entries of 0.01."""
    return value.norm().clamp(min=0.01 * value.numel() ** 0.5)


def floor_rows(update: Tensor, value: Tensor, floor: float) -> Tensor:
    """Scale up those rows of U that are shorter than `floor` times the row of W."""
    lengths = update.norm(dim=1, keepdim=True).clamp(min=1e-20)
    return update * (floor * value.norm(dim=1, keepdim=True) / lengths).clamp(min=1.0)


def distance_step(value: Tensor, update: Tensor, state: dict[str, Tensor], first: float) -> Tensor:
    """The largest distance from the start so far, over the root of the sum of |U|^2."""
    if "start" not in state:
        state["start"], state["distance"] = value.clone(), first * (1 + value.norm())
    farthest = torch.maximum(state["distance"], (value - state["start"]).norm())
    state["distance"] = farthest
    state["path"] = state.get("path", torch.zeros_like(farthest)) + update.square().sum()
    return farthest / state["path"].sqrt().clamp(min=1e-20)


def radial_brake(update: Tensor, value: Tensor, share: float) -> Tensor:
    """Leave `share` of the part of U along W where the step W - eta U would make |W| larger."""
    along = (update * value).sum() / value.square().sum().clamp(min=1e-30)
    return update - (1 - share) * along.clamp(max=0.0) * value


def intended_norm(value: Tensor, update: Tensor, lr: float) -> Tensor:
    """|W| after the radial part of a step, at least a hundredth of it."""
    norm = value.norm()
    return (norm - lr * (update * value).sum() / norm.clamp(min=1e-20)).clamp(min=norm / 100)


def pin_norm(value: Tensor, norm: Tensor) -> None:
    """W <- W norm / |W|, or W where the norm is zero."""
    growth = norm / value.norm().clamp(min=1e-20)
    value.mul_(torch.where(norm > 0, growth, torch.ones_like(growth)))
