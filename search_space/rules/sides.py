"""Second moments of entries and of the two sides of a matrix, and the bases made of these."""

import torch
from torch import Tensor

from search_space.rules.buffers import buffer
from search_space.rules.matrix import eigenvectors, inverse_root, unit_rms

LARGEST_SIDE = 512  # a side with more rows or columns is not whitened


def adam_direction(
    update: Tensor, grad: Tensor, state: dict[str, Tensor], beta: float, eps: float, t: int
) -> Tensor:
    """V <- b V + (1 - b) G^2; U / (sqrt(V / (1 - b^t)) + e)."""
    second = buffer(state, "second", grad).lerp_(grad.square(), 1 - beta)
    return update / ((second / (1 - beta**t)).sqrt() + eps)


def side_grams(grad: Tensor, state: dict[str, Tensor], beta: float) -> list[str]:
    """Average G G^T as `left` and G^T G as `right`, and name the sides that are small enough."""
    sides = []
    for side, wide in (("left", grad), ("right", grad.T)):
        if len(wide) <= LARGEST_SIDE:
            gram = wide @ wide.T
            buffer(state, side, gram).lerp_(gram, 1 - beta)
            sides.append(side)
    return sides


def whitened_grams(grad: Tensor, state: dict[str, Tensor], beta: float) -> None:
    """L <- b L + (1 - b) G R^-1 G^T / columns as `left`, and likewise `right`.

    The inverses are those of the last decomposition, with eigenvalues of at least a thousandth of
    their mean; before the first one all are equal. Both sides begin at rms(G_1) I, G_1 the first
    gradient that is not zero. That start is this project's own: from zero the first inverse is that
    of a matrix of low rank, later Gram matrices are 1 / (1 - b) too large in what it lacks, and the
    bases stay at those of the first gradients. A side alone has no inverse, and begins at zero.
    """
    sides = {"left": ("right", grad), "right": ("left", grad.T)}
    if max(grad.shape) <= LARGEST_SIDE and "left" not in state:
        size = grad.square().mean().sqrt()
        if size == 0:
            return
        for side, (_, wide) in sides.items():
            state[side] = torch.eye(len(wide)).to(grad) * size
    grams = {}
    for side, (other, wide) in sides.items():
        if len(wide) <= LARGEST_SIDE:
            half = wide
            if other + "_basis" in state:
                sizes = state[other + "_sizes"]
                sizes = sizes.clamp(min=sizes.mean() / 1000).clamp(min=1e-30)
                half = wide @ state[other + "_basis"] / sizes.sqrt()
            elif other in state:
                half = wide / state[other].diagonal().mean().sqrt()
            grams[side] = half @ half.T / half.shape[1]
    for side, gram in grams.items():
        buffer(state, side, gram).lerp_(gram, 1 - beta)


def whiten_sides(
    update: Tensor, state: dict[str, Tensor], power: float, every: int, t: int
) -> Tensor:
    """L^-p U R^-p for the averages `left` and `right`, scaled to unit rms."""
    for side in ("left", "right"):
        if side in state and (t - 1) % every == 0:
            gram = state[side] / state[side].norm().clamp(min=1e-30)
            state[side + "_root"] = inverse_root(gram, 1e-6, -power)
    return unit_rms(apply_sides(state.get("left_root"), update, state.get("right_root")))


def apply_sides(left: Tensor | None, update: Tensor, right: Tensor | None) -> Tensor:
    """L U R, where a missing side is the identity."""
    update = update if left is None else left @ update
    return update if right is None else update @ right


def refresh_bases(state: dict[str, Tensor], every: int, t: int) -> None:
    """Eigenvectors and eigenvalues of `left` and `right`, every `every` steps.

    The second moment moves to the new basis: V <- (B'^T B)^2 V, with B = I before the first.
    """
    for side in ("left", "right"):
        if side not in state or (t - 1) % every:
            continue
        sizes, vectors = eigenvectors(state[side])
        basis, before = vectors.to(state[side]), state.get(side + "_basis")
        if "second" in state:
            shares = (basis.T if before is None else basis.T @ before).square()
            second = state["second"]
            state["second"] = shares @ second if side == "left" else second @ shares.T
        state[side + "_basis"], state[side + "_sizes"] = basis, sizes.to(basis)


def adam_in_bases(
    update: Tensor, grad: Tensor, state: dict[str, Tensor], beta: float, eps: float, t: int
) -> Tensor:
    """Adam's division in the bases of the two sides, turned back; as it is before there are any.

    Bases are those of the gradients before. In the bases of its own Gram matrices a gradient is
    diagonal, and the division would make its other entries, which are rounding errors, as large.
    """
    left, right = state.get("left_basis"), state.get("right_basis")
    back = None if left is None else left.T
    turned, gradient = apply_sides(back, update, right), apply_sides(back, grad, right)
    scaled = adam_direction(turned, gradient, state, beta, eps, t)
    return apply_sides(left, scaled, None if right is None else right.T)
