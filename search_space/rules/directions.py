"""Directions with a state: second moments of rows and of the two sides, and of partners."""

import torch
from torch import Tensor

from search_space.rules.blocks import Block, partner, shared_axis
from search_space.rules.buffers import buffer
from search_space.rules.matrix import inverse_root, newton_schulz, unit_rms
from search_space.rules.sides import (
    LARGEST_SIDE,
    adam_in_bases,
    apply_sides,
    refresh_bases,
    side_grams,
)

REFRESH = 10  # steps between two decompositions of the averaged Gram matrices


def even_rows(update: Tensor, state: dict[str, Tensor], beta: float, t: int) -> Tensor:
    """Divide each row by its averaged root mean square, keeping the whole's Frobenius norm."""
    rows = buffer(state, "rows", update[:, :1]).lerp_(
        update.square().mean(dim=1, keepdim=True), 1 - beta
    )
    even = update / (rows / (1 - beta**t)).sqrt().clamp(min=1e-12)
    return even * (update.norm() / even.norm().clamp(min=1e-20))


def side_roots(
    grad: Tensor, state: dict[str, Tensor], beta: float, damping: float
) -> tuple[Tensor | None, Tensor | None]:
    """Inverse roots of the averaged Gram matrices, so that L G R has singular values near one.

    The power is -1/4 on each of two sides, -1/2 on a single one; the damping is a share of the
    Gram matrix's norm. They are recomputed every REFRESH steps.
    """
    sides = side_grams(grad, state, beta)
    age = state["age"] = state.get("age", torch.zeros(())) + 1
    for side in sides:
        if (age - 1) % REFRESH == 0:
            gram = state[side] / state[side].norm().clamp(min=1e-30)
            state[side + "_root"] = inverse_root(gram, damping, -0.5 / len(sides))
    return state.get("left_root"), state.get("right_root")


def shampoo_direction(
    update: Tensor, grad: Tensor, state: dict[str, Tensor], beta: float, damping: float
) -> Tensor:
    """L^(-1/4) U R^(-1/4) for L, R the averages of G G^T, G^T G, scaled to unit rms."""
    left, right = side_roots(grad, state, beta, damping)
    return unit_rms(apply_sides(left, update, right))


def mousse_direction(
    update: Tensor, grad: Tensor, state: dict[str, Tensor], beta: float, damping: float
) -> Tensor:
    """Shampoo's whitening before the matrix sign, and again after it, scaled to unit rms."""
    left, right = side_roots(grad, state, beta, damping)
    sign = newton_schulz(apply_sides(left, update, right))
    return unit_rms(apply_sides(left, sign, right))


def soap_direction(
    update: Tensor, grad: Tensor, state: dict[str, Tensor], beta: float, eps: float, t: int
) -> Tensor:
    """Adam's division in the eigenbases of the averaged G G^T and G^T G, turned back.

    The averages are those of the steps before, so the first step is that of Adam.
    """
    update = adam_in_bases(update, grad, state, beta, eps, t)
    side_grams(grad, state, beta)
    refresh_bases(state, REFRESH, t)
    return update


def kron_direction(update: Tensor, grad: Tensor, state: dict[str, Tensor], rate: float) -> Tensor:
    """L U R with symmetric factors that are learned to whiten, scaled to unit rms.

    For A = L G R and X = (A A^T / n - I) / (|A A^T / n| + 1): L <- (I - r X / 2) L (I - r X / 2),
    which keeps L symmetric and positive; R likewise.
    """
    lengths = dict(zip(("left", "right"), grad.shape, strict=True))
    small = [side for side, length in lengths.items() if length <= LARGEST_SIDE]
    scale = grad.square().mean().sqrt().clamp(min=1e-8) ** -0.5
    for side in small:
        if side not in state:
            identity = torch.eye(lengths[side], dtype=grad.dtype, device=grad.device)
            state[side] = identity * (scale if len(small) == 2 else scale**2)
    whitened = apply_sides(state.get("left"), grad, state.get("right"))
    for side in small:
        wide = whitened if side == "left" else whitened.T
        gram = wide @ wide.T / wide.shape[1]
        identity = torch.eye(len(gram), dtype=gram.dtype, device=gram.device)
        change = identity - rate / 2 * (gram - identity) / (gram.norm() + 1)
        state[side] = change @ state[side] @ change
    return unit_rms(apply_sides(state.get("left"), update, state.get("right")))


def partner_root(block: Block, damping: float) -> Tensor:
    """C^-1 = (Gram + damping I)^(-1/2) of the partner, on the axis that the two share."""
    other = partner(block)
    assert other is not None
    wide = other.value.T if shared_axis(other) else other.value
    return inverse_root(wide @ wide.T, damping)


def relative_damping(block: Block, share: float, smallest: float) -> float:
    """`share` of the mean eigenvalue of the partner's Gram matrix, at least `smallest`."""
    other = partner(block)
    assert other is not None
    size = other.value.square().sum().item() / other.value.shape[shared_axis(other)]
    return max(share * size, smallest)


def compose(block: Block, update: Tensor, root: Tensor | None) -> Tensor:
    """C^-1 msign(C^-1 U), on the axis shared with the partner, times sqrt(max(rows, columns)).

    Value and output factors are scaled back to the Frobenius norm of their matrix sign. A block
    without partner has no root; it is scaled to unit rms.
    """
    if root is None:
        return unit_rms(update)
    axis = shared_axis(block)
    wide = update.T if axis else update
    sign = newton_schulz(root @ wide)
    step = root @ sign
    if block.role in ("v", "o"):
        step = step * (sign.norm() / step.norm().clamp(min=1e-12))
    return (step.T if axis else step) * max(update.shape) ** 0.5
