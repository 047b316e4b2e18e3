"""Rules for token tables, whose gradient touches few rows a step, and for their readout."""

import math
from collections.abc import Sequence
from types import EllipsisType

import torch
from torch import Tensor

from search_space.rules.blocks import Block, of_tables
from search_space.rules.matrix import polar_factor


def live_rows(grad: Tensor) -> Tensor | EllipsisType:
    """Mask of the rows of a matrix that have a gradient; everything for other tensors."""
    return grad.any(dim=1) if grad.ndim == 2 else ...


def rows_seen(value: Tensor) -> Tensor:
    """A counter at zero: one a row of a matrix, one an entry of other tensors."""
    return torch.zeros_like(value[:, :1] if value.ndim == 2 else value)


def keep_rows(
    kept: dict[str, Tensor], state: dict[str, Tensor], rows: Tensor | EllipsisType, full: Tensor
) -> None:
    """Write the state of some rows back to the state of all."""
    for name, tensor in state.items():
        if isinstance(rows, Tensor):
            if name not in kept:
                kept[name] = tensor.new_zeros(len(full), *tensor.shape[1:])
            kept[name][rows] = tensor
        else:
            kept[name] = tensor


def scale_tables(blocks: Sequence[Block], keys: float, values: float) -> None:
    """Multiply the initial tables k and v; other blocks stay."""
    for block in blocks:
        if of_tables(block) and block.role in ("k", "v"):
            block.value.mul_(keys if block.role == "k" else values)


def simplex_frame(blocks: Sequence[Block], norm: float) -> list[Block]:
    """Fix the readout of token tables to c directions of equal norm and equal angles, bias zero.

    Rows are those of an orthonormal basis of the vectors whose sum is zero, that of cosines:
    r_ij ~ cos(pi (i - 1/2) j / c). Needs c <= d + 1; returns the blocks that are still trained.
    """
    for block in blocks:
        if not of_tables(block) or block.role != "o":
            continue
        weight = block.value
        classes, width = weight.shape
        # singular vectors of I - 11^T / c would differ between processors, its values being equal
        halves = torch.arange(classes, dtype=torch.float64) + 0.5
        waves = torch.arange(1, 1 + min(classes - 1, width), dtype=torch.float64)
        basis = torch.outer(halves, waves * math.pi / classes).cos().to(weight)
        rows = torch.zeros_like(weight)
        rows[:, : basis.shape[1]] = basis
        weight.copy_(norm * rows / rows.norm(dim=1, keepdim=True).clamp(min=1e-12))
    return without_readout(blocks)


def polar_readout(blocks: Sequence[Block], norm: float) -> list[Block]:
    """Fix the readout of token tables to `norm` times its own polar factor, bias zero.

    Returns the blocks that are still trained.
    """
    for block in blocks:
        if of_tables(block) and block.role == "o":
            block.value.copy_(norm * polar_factor(block.value))
    return without_readout(blocks)


def without_readout(blocks: Sequence[Block]) -> list[Block]:
    """The blocks but the readout of token tables; sets its bias to zero."""
    for block in blocks:
        if of_tables(block) and block.role == "bo":
            block.value.zero_()
    return [block for block in blocks if not of_tables(block) or block.role not in ("o", "bo")]


def keep_row_norm(block: Block, value: Tensor, norm: float) -> None:
    """Scale the rows of a matrix to `norm`, unless it is the readout of token tables."""
    if value.ndim == 2 and not (of_tables(block) and block.role == "o"):
        value.mul_(norm / value.norm(dim=1, keepdim=True).clamp(min=1e-12))


def give_addresses(
    blocks: Sequence[Block], state: dict[Tensor, dict[str, Tensor]], size: float
) -> list[Block]:
    """Make the rows of q in use orthogonal, with norm size sqrt(d), and keep them fixed.

    A row is in use once it has had a gradient; then q <- size sqrt(d) U V^T over these rows, for
    their first values U S V^T. Their mean direction is kept as `mean`. Returns the other blocks.
    """
    for block in blocks:
        if not (of_tables(block) and block.role == "q"):
            continue
        memory = state[block.parameter]
        if "first" not in memory:
            memory["first"] = block.value.clone()
            memory["live"] = torch.zeros_like(block.value[:, 0], dtype=torch.bool)
        first, known = memory["first"], memory["live"]
        live = known | block.grad.any(dim=1)
        if not torch.equal(live, known):
            memory["live"] = live
            block.value[live] = size * first.shape[1] ** 0.5 * polar_factor(first[live])
            mean = block.value[live].mean(dim=0)
            memory["mean"] = mean / mean.norm().clamp(min=1e-30)
    return [block for block in blocks if not (of_tables(block) and block.role == "q")]


def without_queries(parameters: Sequence[Tensor], blocks: Sequence[Block]) -> list[Tensor]:
    """The parameters but the table q of token models."""
    queries = {block.parameter for block in blocks if of_tables(block) and block.role == "q"}
    return [p for p in parameters if p not in queries]


def mean_address(block: Block, state: dict[Tensor, dict[str, Tensor]]) -> Tensor | None:
    """The unit mean of the rows of q in use, for the table k beside them."""
    if not (of_tables(block) and block.role == "k"):
        return None
    return state[block.family["q"].parameter].get("mean")


def spare_lowered(
    block: Block, state: dict[Tensor, dict[str, Tensor]], update: Tensor, share: float
) -> Tensor:
    """Shrink the steps of those rows of k whose score at the mean address they would lower."""
    mean = mean_address(block, state)
    if mean is None:
        return update
    lowered = (update @ mean > 0).to(update.dtype)[:, None]
    return update * (1 - (1 - share) * lowered)


def eliminate(
    block: Block, state: dict[Tensor, dict[str, Tensor]], value: Tensor, depth: float
) -> None:
    """Hold rows of k below zero at the mean address: K <- R - depth |R| m, R = K - <K, m> m.

    Attention then leaves a learned key to its own query and turns to unknown keys.
    """
    mean = mean_address(block, state)
    if mean is not None:
        value.sub_(torch.outer(value @ mean, mean))
        value.sub_(depth * torch.outer(value.norm(dim=1), mean))


def first_descent(blocks: Sequence[Block], state: dict[Tensor, dict[str, Tensor]]) -> Tensor:
    """1 / |G|^2 for the first gradient of the table v: a step that would lower the loss by one.

    Other models use all their gradients. It is 0 until there is one with |G|^2 > 1e-20.
    """
    if not blocks:
        return torch.ones(())
    values = [block for block in blocks if of_tables(block) and block.role == "v"] or list(blocks)
    memory = state[values[0].parameter]
    if not memory.get("descent"):
        size = torch.stack([b.grad.square().sum() for b in values]).sum()
        memory["descent"] = torch.where(size > 1e-20, 1 / size, 0)
    return memory["descent"]
