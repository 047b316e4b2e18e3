"""Treatments of gradients before they are averaged, and corrections of updates by gradients."""

from collections.abc import Iterable

import torch
from torch import Tensor

from search_space.rules.buffers import buffer

BEYOND = 0.025  # how far a step goes beyond the best for the next step alone, as a share of r


def total_norm(tensors: Iterable[Tensor]) -> Tensor:
    """Frobenius norm of all tensors together."""
    return sum((tensor.square().sum() for tensor in tensors), start=torch.zeros(())).sqrt()


def clip(grad: Tensor, limit: Tensor | float) -> Tensor:
    """Scale down to norm `limit` where it is larger."""
    return grad * (limit / grad.norm().clamp(min=1e-20)).clamp(max=1.0)


def clip_to_history(grad: Tensor, state: dict[str, Tensor], kept: float, width: float) -> Tensor:
    """Scale to a norm within [N / w, w N], N <- b N + (1 - b) |G| of what came out so far."""
    norm = grad.norm()
    usual = state.get("usual_norm", norm)
    usual = torch.where(usual > 0, usual, norm)
    limited = torch.minimum(torch.maximum(norm, usual / width), usual * width)
    state["usual_norm"] = usual.lerp(limited, 1 - kept)
    return grad * (limited / norm.clamp(min=1e-20))


def clip_spikes(
    grad: Tensor, state: dict[str, Tensor], kept: float, excess: float, t: int
) -> Tensor:
    """Scale down to norm (1 + w) N from the fourth gradient on; N <- N^b |G|^(1 - b), unclipped.

    N begins at the third: at first a gradient grows as fast as the blocks that it acts through.
    """
    norm = grad.norm().clamp(min=1e-20)
    if t <= 3 or "usual" not in state:
        state["usual"] = norm
        return grad
    limit = (1 + excess) * state["usual"]
    state["usual"] = state["usual"] ** kept * norm ** (1 - kept)
    return clip(grad, limit)


def variance_reduced(grad: Tensor, state: dict[str, Tensor], share: float) -> Tensor:
    """G + s (G - G_before): the change of the gradient corrects the average that follows."""
    change = grad - state.get("before", grad)
    state["before"] = grad.clone()
    return grad + share * change


def over_past_squares(
    grad: Tensor, state: dict[str, Tensor], beta: float, eps: float, t: int
) -> Tensor:
    """G / max(sqrt(V), e), its entries clipped to (t - 1)^(1/4), with V of the steps before.

    V_1 = G_1^2, then V <- b V + (1 - b) G^2; the first step only measures V.
    """
    known = "past_squares" in state
    squares = buffer(state, "past_squares", grad)
    limit = (t - 1) ** 0.25 if known else 0.0
    scaled = (grad / squares.sqrt().clamp(min=eps)).clamp(-limit, limit)
    squares.lerp_(grad.square(), 1 - beta if known else 1.0)
    return scaled


def agreeing(update: Tensor, grad: Tensor) -> Tensor:
    """Zero where the signs of update and gradient differ; the rest grows so that the mean stays."""
    mask = (update * grad > 0).to(update.dtype)
    return update * mask / mask.mean().clamp(min=0.1)


def curvature_damping(grad: Tensor, state: dict[str, Tensor], strength: float) -> Tensor:
    """1 / (1 + s |G - G_before| / |G|): small where the gradient turns from step to step."""
    before = state.get("gradient", grad)
    state["gradient"] = grad.clone()
    return 1 / (1 + strength * (grad - before).norm() / grad.norm().clamp(min=1e-20))


def line_search(
    update: Tensor, grad: Tensor, state: dict[str, Tensor], rate: float, t: int
) -> Tensor:
    """The factor a: a <- a exp(k (r + 1/40)), r = <G, U_before> / <G_before, U_before>.

    A step along U has the best length for the loss of all data where the next batch's gradient is
    orthogonal to it, r = 0; over many steps a little more is better. Starts at the third gradient.
    """
    gain = state.setdefault("gain", torch.ones((), dtype=grad.dtype, device=grad.device))
    if t > 2:
        left = (grad * state["stepped"]).sum() / state["slope"]
        gain.mul_(torch.exp(rate * (left.nan_to_num(0.0).clamp(-1.0, 1.0) + BEYOND)))
    state["stepped"], state["slope"] = update.clone(), (grad * update).sum()
    return gain


def slow_memories(grad: Tensor, state: dict[str, Tensor], beta: float, sign_beta: float) -> Tensor:
    """Slow averages of the coherent and the other gradients, each to unit rms, four to one.

    S <- s S + (1 - s) sign(G) gives the coherence c = |S| of an entry;
    C <- b C + (1 - b) c G and R <- b R + (1 - b) (1 - c) G.
    """
    signs = buffer(state, "signs", grad).lerp_(grad.sign(), 1 - sign_beta)
    coherence = signs.abs()
    total = torch.zeros_like(grad)
    for name, part, weight in (
        ("coherent", coherence * grad, 0.8),
        ("residual", (1 - coherence) * grad, 0.2),
    ):
        memory = buffer(state, name, grad).lerp_(part, 1 - beta)
        total += weight * memory / memory.square().mean().sqrt().clamp(min=1e-20)
    return total
