"""sign-lookahead-wsd, composed by autoresearch (spec e697fcbd5b46).

W <- W - eta(x) U for each block W with gradient G, at step t = x T of T:
- momentum: average with its own weight for the new gradient (Chen et al. 2023, arXiv:2302.06675)
      U = a M + (1 - a) G;  M <- b M + (1 - b) G
- direction: the sign of every entry (Lion, Chen et al. 2023, arXiv:2302.06675): U <- sign(U)
- blend: mixes in the update whitened from both sides (leader of the caffeine contest, 2026)
      L <- 0.95 L + 0.05 G G^T, R likewise
      U <- (1 - s) U + s unit_rms(L^(-1/4) U R^(-1/4)), for x > x0
- memory: adds slow averages of the coherent and of the residual gradients (leader of the caffeine
  contest, 2026)
      S <- s S + (1 - s) sign(G), c = |S|;  C averages c G, R averages (1 - c) G
      U <- U + a (0.8 C / rms(C) + 0.2 R / rms(R))
- damping: shrinks the step where the gradient changes between steps (leader of the caffeine
  contest, 2026)
      U <- U / (1 + s |G - G_before| / |G|)
- schedule: a plateau, then a straight line to zero (warmup-stable-decay, Hu et al. 2024,
  arXiv:2404.06395)
      eta(x) = eta min(1, (1 - x) / d);  eta(x) <- max(eta(x), f eta)

In the whole run:
- averaging: late in the run pulls weights to their average, most where gradients keep their sign
  (leader of the caffeine contest, 2026)
      A <- a A + (1 - a) W;  W <- W + p c (A - W), c the coherence of sign(G);  both for x >= x0
      W <- (W + A) / 2 at the end
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

REFRESH = 10  # steps between two decompositions of the averaged Gram matrices
LARGEST_SIDE = 512  # a side with more rows or columns is not whitened
AVERAGE_FROM = 0.8  # fraction of the run where it begins
AVERAGE_KEPT = 0.96  # share kept a step
AVERAGE_PULL = 0.03  # p, share a step
BLEND = 0.9  # a, share of the average in the update
MOMENTUM = 0.99  # share of the average kept a step
BLEND_SHARE = 0.15  # share of the second direction
BLEND_FROM = 0.525  # fraction of the run where it begins
MEMORY_SHARE = 0.015  # a, size of what is added
MEMORY_KEPT = 0.98  # share of C and R kept a step
CURVATURE_DAMPING = 0.35  # s
LEARNING_RATE = 0.008  # peak, in units of the update
FLOOR = 0.02  # f, smallest share of the peak
DECAY_LENGTH = 0.6  # d, fraction of the run it falls


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


def buffer(state: dict[str, Tensor], name: str, like: Tensor) -> Tensor:
    """`state[name]`, at first zeros in the shape of `like`."""
    return state[name] if name in state else state.setdefault(name, torch.zeros_like(like))


def side_grams(grad: Tensor, state: dict[str, Tensor], beta: float) -> list[str]:
    """Average G G^T as `left` and G^T G as `right`, and name the sides that are small enough."""
    sides = []
    for side, wide in (("left", grad), ("right", grad.T)):
        if len(wide) <= LARGEST_SIDE:
            gram = wide @ wide.T
            buffer(state, side, gram).lerp_(gram, 1 - beta)
            sides.append(side)
    return sides


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


def apply_sides(left: Tensor | None, update: Tensor, right: Tensor | None) -> Tensor:
    """L U R, where a missing side is the identity."""
    update = update if left is None else left @ update
    return update if right is None else update @ right


def shampoo_direction(
    update: Tensor, grad: Tensor, state: dict[str, Tensor], beta: float, damping: float
) -> Tensor:
    """L^(-1/4) U R^(-1/4) for L, R the averages of G G^T, G^T G, scaled to unit rms."""
    left, right = side_roots(grad, state, beta, damping)
    return unit_rms(apply_sides(left, update, right))


def curvature_damping(grad: Tensor, state: dict[str, Tensor], strength: float) -> Tensor:
    """1 / (1 + s |G - G_before| / |G|): small where the gradient turns from step to step."""
    before = state.get("gradient", grad)
    state["gradient"] = grad.clone()
    return 1 / (1 + strength * (grad - before).norm() / grad.norm().clamp(min=1e-30))


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
        total += weight * memory / memory.square().mean().sqrt().clamp(min=1e-30)
    return total


def unit_rms(update: Tensor) -> Tensor:
    """Scale to a root mean square of one."""
    return update / update.square().mean().sqrt().clamp(min=1e-30)


def eigenvectors(gram: Tensor, damping: float = 0.0) -> tuple[Tensor, Tensor]:
    """Eigenvalues and eigenvectors of a symmetric matrix plus damping I, in double precision.

    In single precision sparse matrices come out as not-a-number, and not every device can do it.
    """
    exact = torch.nan_to_num(gram.cpu().double(), posinf=1e30, neginf=-1e30)
    return torch.linalg.eigh(exact + damping * torch.eye(len(exact), dtype=exact.dtype))


def inverse_root(gram: Tensor, damping: float, power: float = -0.5) -> Tensor:
    """(gram + damping I)^power of a symmetric matrix without negative eigenvalues."""
    values, vectors = eigenvectors(gram, damping)
    return ((vectors * values.clamp(min=max(damping, 1e-30)).pow(power)) @ vectors.T).to(gram)


class Submission(torch.optim.Optimizer):
    def __init__(self, params: ParamsT, max_steps: int = 40) -> None:
        super().__init__(params, {})
        self.max_steps, self.steps = max_steps, 0
        self.parameters = [p for group in self.param_groups for p in group["params"]]
        self.averages = []
        self.signs = []

    @torch.no_grad()
    def step(self) -> None:
        self.steps += 1
        x = self.steps / self.max_steps
        lr = LEARNING_RATE * max(0.0, min(1.0, (1 - x) / DECAY_LENGTH))
        lr = max(lr, LEARNING_RATE * FLOOR)
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                grad, state = p.grad, self.state[p]
                momentum = buffer(state, "momentum", grad)
                update = grad.lerp(momentum, BLEND)
                momentum.lerp_(grad, 1 - MOMENTUM)
                update = update.sign()
                if x > BLEND_FROM and update.ndim == 2:
                    whitened = shampoo_direction(update, grad, state, 0.95, 1e-4)
                    update = update.lerp(whitened, BLEND_SHARE)
                update = update + MEMORY_SHARE * slow_memories(grad, state, MEMORY_KEPT, 0.96)
                update = update * curvature_damping(grad, state, CURVATURE_DAMPING)
                p.sub_(lr * update)
        if x >= AVERAGE_FROM:
            blend_in(self.averages, self.parameters, 1 - AVERAGE_KEPT)
            pull_coherent(self.averages, self.signs, self.parameters, AVERAGE_PULL)
        if self.steps == self.max_steps:
            copy_in(self.averages, self.parameters, 0.5)
