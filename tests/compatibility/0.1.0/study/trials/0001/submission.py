"""muon_gram-warmed+rows-adam-heavy_ball-constant, composed by autoresearch (spec 6673d3c049db).

W <- W - eta(x) U for each block W with gradient G, at step t = x T of T:

At first:
- vectors: Adam with a fixed step r where W is no matrix (Kingma and Ba 2015, arXiv:1412.6980)
      W <- W - r M / (sqrt(V) + 1e-8), M and V the bias-corrected averages of G and G^2
- momentum: Nesterov momentum that rises at the start of the run (modded-nanogpt, Jordan et al.
  2024)
      b = b0 + (b1 - b0) min(1, x / w);  M <- b M + G;  U = G + b M
- direction: as muon, with the rounds on the Gram matrix: cheaper for oblong matrices (Muon as
  above; rounds on the Gram matrix as in arXiv:2505.16932, section 3.4)
      U <- msign(U) sqrt(max(rows, columns)), from U U^T
- memory: adds slow averages of the coherent and of the residual gradients (leader of the caffeine
  contest, 2026)
      S <- s S + (1 - s) sign(G), c = |S|;  C averages c G, R averages (1 - c) G
      U <- U + a (0.8 C / rms(C) + 0.2 R / rms(R))
- damping: shrinks the step where the gradient turns from step to step (leader of the caffeine
  contest, 2026)
      U <- U / (1 + s |G - G_before| / |G|)
- mask: leaves out entries that the newest gradient contradicts (cautious optimizers, Liang et al.
  2024, arXiv:2411.16085)
      U <- U [U G > 0] / max(mean of [U G > 0], 0.1)
- decay: shrinks every parameter by the step size times a rate (Loshchilov and Hutter 2019,
  arXiv:1711.05101)
      W <- (1 - eta d) W, before the step
- schedule: the same step size throughout
      eta(x) = eta;  eta(x) <- eta(x) min(1, (x - x0) / w), x0 the start of the phase

From 0.1589 of the run on, else as before:
- coordinates: the rows of a table that have a gradient; others keep their value and their state
  (lazy updates of sparse gradients; with counts of steps by row)
      W is the rows of a parameter with G != 0
- vectors: Adam with a fixed step r where W is no matrix (Kingma and Ba 2015, arXiv:1412.6980)
      W <- W - r M / (sqrt(V) + 1e-8), M and V the bias-corrected averages of G and G^2
- momentum: decaying sum of gradients (Polyak 1964): M <- b M + G;  U = M
- direction: every entry over the root of its averaged square (Kingma and Ba 2015, arXiv:1412.6980)
      V <- b V + (1 - b) G^2;  U <- U / (sqrt(V / (1 - b^t)) + e)
- memory: no slow memory
- damping: no damping
- mask: the whole update
- decay: no weight decay
- schedule: the same step size throughout
      eta(x) = eta;  eta(x) <- eta(x) min(1, (x - x0) / w), x0 the start of the phase
"""

from types import EllipsisType

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

PHASE_2 = 0.1589  # fraction of the run where phase 2 starts
VECTOR_STEP = 9.657e-05  # r, step size in units of the parameters
VECTOR_MOMENTUM = 0.8399  # a, share kept a step
VECTOR_SECOND = 0.97242  # b, share kept a step
MOMENTUM = 0.997819  # share of the sum kept a step, after the rise
FIRST_MOMENTUM = 0.3289  # share kept at the start
MOMENTUM_RISE = 0.03183  # fraction of the run it rises
MEMORY_SHARE = 0.009326  # a, size of what is added
MEMORY_KEPT = 0.91659  # share of C and R kept a step
CURVATURE_DAMPING = 0.9793  # s
WEIGHT_DECAY = 0.06225  # share of a parameter taken off, per unit of step size
LEARNING_RATE = 0.051  # peak step size, in units of the update
WARMUP = 0.02993  # w, fraction of the run over which the step size rises
VECTOR_STEP_2 = 0.004383  # r, step size in units of the parameters
VECTOR_MOMENTUM_2 = 0.6378  # a, share kept a step
VECTOR_SECOND_2 = 0.8025  # b, share kept a step
MOMENTUM_2 = 0.92924  # share of the sum kept a step
SECOND_MOMENT_2 = 0.97458  # share of the average square kept a step
EPSILON_2 = 1.257e-08  # added to the root, in units of the gradient
LEARNING_RATE_2 = 0.05072  # peak step size, in units of the update
WARMUP_2 = 0.3293  # w, fraction of the run over which the step size rises


def buffer(state: dict[str, Tensor], name: str, like: Tensor) -> Tensor:
    """`state[name]`, at first zeros in the shape of `like`."""
    return state[name] if name in state else state.setdefault(name, torch.zeros_like(like))


def agreeing(update: Tensor, grad: Tensor) -> Tensor:
    """Zero where the signs of update and gradient differ; the rest grows so that the mean stays."""
    mask = (update * grad > 0).to(update.dtype)
    return update * mask / mask.mean().clamp(min=0.1)


def curvature_damping(grad: Tensor, state: dict[str, Tensor], strength: float) -> Tensor:
    """1 / (1 + s |G - G_before| / |G|): small where the gradient turns from step to step."""
    before = state.get("gradient", grad)
    state["gradient"] = grad.clone()
    return 1 / (1 + strength * (grad - before).norm() / grad.norm().clamp(min=1e-30))


def slow_memories(grad: Tensor, state: dict[str, Tensor], beta: float, sign_beta: float) -> Tensor:
    """Slow averages of the coherent and the other gradients, each to unit rms, four to one.

    S <- s S + (1 - s) sign(G) tells the coherence c = |S| of an entry;
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


def gram_newton_schulz(matrix: Tensor) -> Tensor:
    """Matrix sign as above, with all rounds on the small Gram matrix: cheap for oblong ones.

    With R = XX^T and Q = I: Z = a + b R + c R^2; Q <- Z Q; R <- Z R Z; at the end X <- Q X.
    """
    x = matrix / matrix.norm().clamp(min=1e-30)
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    gram = x @ x.T
    identity = torch.eye(len(gram), dtype=x.dtype, device=x.device)
    product = identity
    for _ in range(5):
        factor = 3.4445 * identity - 4.7750 * gram + 2.0315 * gram @ gram
        product = factor @ product
        gram = factor @ gram @ factor
    x = product @ x
    return x.T if tall else x


def ramp(x: float, start: float, end: float) -> float:
    """Rises from 0 at x = `start` to 1 at `end`, and stays."""
    return min(max((x - start) / (end - start), 0.0), 1.0)


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


class Submission(torch.optim.Optimizer):
    def __init__(self, params: ParamsT, max_steps: int = 80) -> None:
        super().__init__(params, {})
        self.max_steps, self.steps = max_steps, 0
        self.phase_1_ends = max(1, round(PHASE_2 * max_steps))

    @torch.no_grad()
    def step(self) -> None:
        self.steps += 1
        x = self.steps / self.max_steps
        if self.steps <= self.phase_1_ends:
            self.step_1(x)
        else:
            self.step_2(x)
        if self.steps == self.phase_1_ends:
            self.state.clear()

    def step_1(self, x: float) -> None:
        beta = FIRST_MOMENTUM + (MOMENTUM - FIRST_MOMENTUM) * ramp(x, 0.0, MOMENTUM_RISE)
        lr = LEARNING_RATE
        lr *= min(1.0, x / WARMUP)
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                grad, state = p.grad, self.state[p]
                if p.ndim != 2:
                    t = state["t"] = state.get("t", 0) + 1
                    first = buffer(state, "first", grad).lerp_(grad, 1 - VECTOR_MOMENTUM)
                    second = buffer(state, "second", grad).lerp_(grad.square(), 1 - VECTOR_SECOND)
                    root = (second / (1 - VECTOR_SECOND**t)).sqrt()
                    p.sub_(VECTOR_STEP * (first / (1 - VECTOR_MOMENTUM**t) / (root + 1e-8)))
                else:
                    momentum = buffer(state, "momentum", grad).mul_(beta).add_(grad)
                    update = grad + beta * momentum
                    update = gram_newton_schulz(update) * max(update.shape) ** 0.5
                    update = update + MEMORY_SHARE * slow_memories(grad, state, MEMORY_KEPT, 0.96)
                    update = update * curvature_damping(grad, state, CURVATURE_DAMPING)
                    update = agreeing(update, grad)
                    p.mul_(1 - lr * WEIGHT_DECAY)
                    p.sub_(lr * update)

    def step_2(self, x: float) -> None:
        lr = LEARNING_RATE_2
        lr *= min(1.0, (x - PHASE_2) / WARMUP_2)
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                rows = live_rows(p.grad)
                value, grad = p[rows], p.grad[rows]
                kept = self.state[p]
                state = {name: saved[rows] for name, saved in kept.items()}
                if value.ndim != 2:
                    t = state["t"] = state.get("t", rows_seen(value)) + 1
                    first = buffer(state, "first", grad).lerp_(grad, 1 - VECTOR_MOMENTUM_2)
                    second = buffer(state, "second", grad).lerp_(grad.square(), 1 - VECTOR_SECOND_2)
                    root = (second / (1 - VECTOR_SECOND_2**t)).sqrt()
                    value.sub_(VECTOR_STEP_2 * (first / (1 - VECTOR_MOMENTUM_2**t) / (root + 1e-8)))
                else:
                    t = state["t"] = state.get("t", rows_seen(value)) + 1
                    update = buffer(state, "momentum", grad).mul_(MOMENTUM_2).add_(grad).clone()
                    second = buffer(state, "second", grad).lerp_(grad.square(), 1 - SECOND_MOMENT_2)
                    update = update / ((second / (1 - SECOND_MOMENT_2**t)).sqrt() + EPSILON_2)
                    value.sub_(lr * update)
                p[rows] = value
                keep_rows(kept, state, rows, p)
