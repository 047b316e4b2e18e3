"""factors-soap-ema-cosine, composed by autoresearch (spec 2351634eef48).

W <- W - eta(x) U for each block W with gradient G, at step t = x T of T:
- coordinates: factors of attention (torch.nn.MultiheadAttention): Wq, Wk, Wv, Wo, bq, bk, bv, bo
- vectors: Adam with a fixed step r where W is no matrix (Kingma and Ba 2015, arXiv:1412.6980)
      W <- W - r M / (sqrt(V) + 1e-8), M and V the bias-corrected averages of G and G^2
- momentum: bias-corrected exponential average of gradients (Kingma and Ba 2015, arXiv:1412.6980)
      M <- b M + (1 - b) G;  U = M / (1 - b^t)
- direction: adam in the eigenbases of Shampoo's Gram matrices (SOAP, Vyas et al. 2024,
  arXiv:2409.11321)
      U <- QL adam(QL^T U QR) QR^T, QL and QR the eigenvectors of L and R
- schedule: half a cosine to zero (SGDR, arXiv:1608.03983): eta(x) = eta (1 + cos(pi x)) / 2
"""

import math

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

REFRESH = 10  # steps between two decompositions of the averaged Gram matrices
LARGEST_SIDE = 512  # a side with more rows or columns is not whitened
VECTOR_STEP = 0.003  # r, step size in units of the parameters
VECTOR_MOMENTUM = 0.9  # a, share kept a step
VECTOR_SECOND = 0.999  # b, share kept a step
MOMENTUM = 0.95  # share of the average kept a step
SECOND_MOMENT = 0.95  # share of the average square kept a step
EPSILON = 1e-08  # added to the root, in units of the gradient
LEARNING_RATE = 0.02  # peak, in units of the update


def split_attention(parameters: list[Tensor]) -> dict[Tensor, tuple[int, ...]]:
    """Shapes [blocks, ...] of the parameters: three where Q, K and V are packed, otherwise one."""
    shapes = {p: (1, *p.shape) for p in parameters}
    for i, weight in enumerate(parameters[:-3]):
        d = weight.shape[-1] if weight.ndim else 0
        if [p.shape for p in parameters[i : i + 4]] == [(3 * d, d), (3 * d,), (d, d), (d,)]:
            shapes |= {weight: (3, d, d), parameters[i + 1]: (3, d)}
    return shapes


def buffer(state: dict[str, Tensor], name: str, like: Tensor) -> Tensor:
    """`state[name]`, at first zeros in the shape of `like`."""
    return state[name] if name in state else state.setdefault(name, torch.zeros_like(like))


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


def apply_sides(left: Tensor | None, update: Tensor, right: Tensor | None) -> Tensor:
    """L U R, where a missing side is the identity."""
    update = update if left is None else left @ update
    return update if right is None else update @ right


def soap_direction(
    update: Tensor, grad: Tensor, state: dict[str, Tensor], beta: float, eps: float, t: int
) -> Tensor:
    """Adam's division in the eigenbases of the averaged G G^T and G^T G, turned back."""
    for side in side_grams(grad, state, beta):
        if (t - 1) % REFRESH == 0:
            turn_second_moment(state, side, eigenvectors(state[side])[1].to(grad))
    left, right = state.get("left_basis"), state.get("right_basis")
    back = None if left is None else left.T
    turned, gradient = apply_sides(back, update, right), apply_sides(back, grad, right)
    scaled = adam_direction(turned, gradient, state, beta, eps, t)
    return apply_sides(left, scaled, None if right is None else right.T)


def turn_second_moment(state: dict[str, Tensor], side: str, basis: Tensor) -> None:
    """Change the basis of a side and of the second moment: V <- (B'^T B)^2 V."""
    before = state.get(side + "_basis")
    if before is not None:
        shares = (basis.T @ before).square()
        second = state["second"]
        state["second"] = shares @ second if side == "left" else second @ shares.T
    state[side + "_basis"] = basis


def eigenvectors(gram: Tensor, damping: float = 0.0) -> tuple[Tensor, Tensor]:
    """Eigenvalues and eigenvectors of a symmetric matrix plus damping I, in double precision.

    In single precision sparse matrices come out as not-a-number, and not every device can do it.
    """
    exact = torch.nan_to_num(gram.cpu().double(), posinf=1e30, neginf=-1e30)
    return torch.linalg.eigh(exact + damping * torch.eye(len(exact), dtype=exact.dtype))


class Submission(torch.optim.Optimizer):
    def __init__(self, params: ParamsT, max_steps: int = 40) -> None:
        super().__init__(params, {})
        self.max_steps, self.steps = max_steps, 0
        self.shapes = split_attention([p for group in self.param_groups for p in group["params"]])

    @torch.no_grad()
    def step(self) -> None:
        self.steps += 1
        lr = LEARNING_RATE * (1 + math.cos(math.pi * min(self.steps / self.max_steps, 1.0))) / 2
        for p, shape in self.shapes.items():
            if p.grad is None:
                continue
            for i, (value, grad) in enumerate(zip(p.view(shape), p.grad.view(shape), strict=True)):
                state = self.state[p].setdefault(i, {})
                if value.ndim != 2:
                    t = state["t"] = state.get("t", 0) + 1
                    first = buffer(state, "first", grad).lerp_(grad, 1 - VECTOR_MOMENTUM)
                    second = buffer(state, "second", grad).lerp_(grad.square(), 1 - VECTOR_SECOND)
                    root = (second / (1 - VECTOR_SECOND**t)).sqrt()
                    value.sub_(VECTOR_STEP * (first / (1 - VECTOR_MOMENTUM**t) / (root + 1e-8)))
                else:
                    t = state["t"] = state.get("t", 0) + 1
                    momentum = buffer(state, "momentum", grad).lerp_(grad, 1 - MOMENTUM)
                    update = momentum / (1 - MOMENTUM**t)
                    update = soap_direction(update, grad, state, SECOND_MOMENT, EPSILON, t)
                    value.sub_(lr * update)
