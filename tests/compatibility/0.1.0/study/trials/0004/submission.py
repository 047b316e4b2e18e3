"""factors-muon-lookahead-cosine, composed by autoresearch (spec 0532a1792186).

W <- W - eta(x) U for each block W with gradient G, at step t = x T of T:
- coordinates: factors of attention (torch.nn.MultiheadAttention): Wq, Wk, Wv, Wo, bq, bk, bv, bo
- vectors: Adam with a fixed step r where W is no matrix (Kingma and Ba 2015, arXiv:1412.6980)
      W <- W - r M / (sqrt(V) + 1e-8), M and V the bias-corrected averages of G and G^2
- momentum: average with its own weight for the new gradient (Chen et al. 2023, arXiv:2302.06675)
      U = a M + (1 - a) G;  M <- b M + (1 - b) G
- direction: orthogonalised by Newton-Schulz (Jordan 2024, kellerjordan.github.io/posts/muon)
      U <- msign(U) sqrt(max(rows, columns)), msign(U S V^T) = U V^T
- schedule: half a cosine to zero (SGDR, arXiv:1608.03983): eta(x) = eta (1 + cos(pi x)) / 2
"""

import math

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

VECTOR_STEP = 0.003  # r, step size in units of the parameters
VECTOR_MOMENTUM = 0.9  # a, share kept a step
VECTOR_SECOND = 0.999  # b, share kept a step
BLEND = 0.9025  # a, share of the average in the update
MOMENTUM = 0.95  # share of the average kept a step
LEARNING_RATE = 0.01  # peak, in units of the update


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


def newton_schulz(matrix: Tensor) -> Tensor:
    """U V^T of U S V^T, up to 30% in each singular value: five times X <- (a + b A + c A^2) X."""
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix) / matrix.norm().clamp(min=1e-30)
    for _ in range(5):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x.T if tall else x


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
                    momentum = buffer(state, "momentum", grad)
                    update = grad.lerp(momentum, BLEND)
                    momentum.lerp_(grad, 1 - MOMENTUM)
                    update = newton_schulz(update) * max(update.shape) ** 0.5
                    value.sub_(lr * update)
