"""Gauge changes: other factors of the same products; the model's function stays.

One-head attention depends on its weights (rows are outputs) only through
M = Wq^T Wk / sqrt(d), u = Wk^T bq / sqrt(d), P = Wv^T Wo^T and c = Wo bv + bo: the key bias adds
one number to all logits of a query, which softmax does not see.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from search_space.rules.blocks import SCORE_ROLES, Block


def attention_layers(blocks: Sequence[Block]) -> list[dict[str, Tensor]]:
    """The values of each attention layer's blocks by role."""
    return [{r: b.value for r, b in k.family.items()} for k in blocks if k.role == "bk"]


def split_evenly(product: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """U, S^(1/2), V^T of the product U S V^T."""
    exact = torch.nan_to_num(product.cpu().double(), posinf=1e30, neginf=-1e30)
    left, size, right = torch.linalg.svd(exact)
    return left.to(product), size.sqrt().clamp(min=1e-12).to(product), right.to(product)


def balance(blocks: Sequence[Block]) -> None:
    """Share the singular values of each product equally between its two factors.

    With Wq^T Wk = U S V^T: Wq <- S^(1/2) U^T, Wk <- S^(1/2) V^T, and likewise for Wv, Wo.
    """
    for layer in attention_layers(blocks):
        shift = layer["k"].T @ layer["bq"]
        left, root, right = split_evenly(layer["q"].T @ layer["k"])
        layer["q"].copy_(root[:, None] * left.T)
        layer["k"].copy_(root[:, None] * right)
        layer["bq"].copy_(right @ shift / root)
        layer["bk"].zero_()
        layer["bo"].add_(layer["o"] @ layer["bv"])
        left, root, right = split_evenly(layer["v"].T @ layer["o"].T)
        layer["v"].copy_(root[:, None] * left.T)
        layer["o"].copy_(right.T * root)
        layer["bv"].zero_()


def to_products(blocks: Sequence[Block]) -> list[Block]:
    """Make Wk = sqrt(d) I and Wo = I, so that Wq^T, bq, Wv^T and bo are M, u, P and c themselves.

    Returns the blocks that are still trained, without those that became constant.
    """
    for layer in attention_layers(blocks):
        identity = torch.eye(len(layer["k"]), dtype=layer["k"].dtype, device=layer["k"].device)
        width = len(identity) ** 0.5
        layer["q"].copy_(layer["k"].T @ layer["q"] / width)
        layer["bq"].copy_(layer["k"].T @ layer["bq"] / width)
        layer["k"].copy_(identity * width)
        layer["bk"].zero_()
        layer["bo"].add_(layer["o"] @ layer["bv"])
        layer["v"].copy_(layer["o"] @ layer["v"])
        layer["o"].copy_(identity)
        layer["bv"].zero_()
    constant = ("k", "bk", "o", "bv")
    return [b for b in blocks if "bk" not in b.family or b.role not in constant]


def step_temperature(
    block: Block, state: dict[Tensor, dict[str, Tensor]], rate: float, momentum: float
) -> None:
    """Step the common scale of M and u, and subtract it from their gradients.

    The scale is exp(tau): dL/dtau = <G, W> over W = (M, u). tau moves by Nesterov momentum
    b <- m b + dL/dtau; tau <- tau - rate (dL/dtau + m b), and G <- G - W <G, W> / <W, W>.
    """
    both = (block, block.family["bq"])
    pair = [b for b in both if b.parameter.grad is not None]
    slope = torch.stack([(b.grad * b.value).sum() for b in pair]).sum()
    size = torch.stack([b.value.square().sum() for b in pair]).sum()
    buffer = momentum * state[block.parameter].get("temperature", torch.zeros_like(slope)) + slope
    state[block.parameter]["temperature"] = buffer
    growth = torch.exp(-rate * (slope + momentum * buffer))
    for b in pair:
        b.grad.sub_(b.value * (slope / size.clamp(min=1e-30)))
        b.value.mul_(growth)


def natural_scale(block: Block) -> Tensor | float:
    """The inverse of a product's typical curvature under the mean squared error over d outputs.

    d for P and c. For M and u it is d |M| / |P|^2, Frobenius norms: an error of the logits acts
    through P, and only where attention is near a tie, the more rarely the larger the logits are.
    """
    if "bk" not in block.family:
        return 1.0
    scores, values = block.family["q"].value, block.family["v"].value
    if block.role not in SCORE_ROLES:
        return float(len(values))
    return len(scores) * scores.norm() / values.square().sum().clamp(min=1e-12)
