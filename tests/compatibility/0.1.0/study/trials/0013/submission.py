"""product-adam-ema, composed by autoresearch (spec e7fc08bdf4ce).

W <- W - eta(x) U for each block W with gradient G, at step t = x T of T:
- coordinates: the products of attention's factors, by the identity gauge (this project)
      W is one of M = Wq^T Wk / sqrt(d), u = Wk^T bq / sqrt(d), P = Wv^T Wo^T, c = Wo bv + bo
- momentum: bias-corrected exponential average of gradients (Kingma and Ba 2015, arXiv:1412.6980)
      M <- b M + (1 - b) G;  U = M / (1 - b^t)
- direction: divided by the root of the averaged squares (Kingma and Ba 2015, arXiv:1412.6980)
      V <- b V + (1 - b) G^2;  U <- U / (sqrt(V / (1 - b^t)) + e)
- blend: mixes in the update whitened from both sides (leader of the caffeine contest, 2026)
      L <- 0.95 L + 0.05 G G^T, R likewise
      U <- (1 - s) U + s unit_rms(L^(-1/4) U R^(-1/4)), for x > x0
- steps: one step size for the logits' factors (Q, K), one for all others (Q/K tail of cm_tail_ema,
  caffeine contest 2026)
      U <- a U for Q and K;  U <- v U for all others
- schedule: constant step size: eta(x) = eta
"""

from collections.abc import Callable, Sequence
from types import EllipsisType

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

SCORE_ROLES = ("q", "k", "bq", "bk")  # roles on the side of the logits of attention
REFRESH = 10  # steps between two decompositions of the averaged Gram matrices
LARGEST_SIDE = 512  # a side with more rows or columns is not whitened
MOMENTUM = 0.4475  # share of the average kept a step
SECOND_MOMENT = 0.6145  # share of the average square kept a step
EPSILON = 3.904e-09  # added to the root, in units of the gradient
BLEND_SHARE = 0.01304  # share of the second direction
BLEND_FROM = 0.04006  # fraction of the run where it begins
SCORE_STEP = 1.521e-06  # a, share of the step size
VALUE_STEP = 0.01215  # v, share of the step size
LEARNING_RATE = 0.8934  # peak, in units of the update


class Block:
    """A view of a parameter that is stepped on its own.

    `role` is q, k, v or o, with a b before it for a bias, or empty where the shapes do not show
    it; `family` has the blocks of the same layer by role.
    """

    def __init__(
        self,
        parameter: Tensor,
        role: str = "",
        rows: slice | EllipsisType = ...,
        family: "dict[str, Block] | None" = None,
    ) -> None:
        self.parameter, self.role, self.rows = parameter, role, rows
        self.family = {} if family is None else family

    @property
    def value(self) -> Tensor:
        return self.parameter.data[self.rows]

    @property
    def grad(self) -> Tensor:
        assert self.parameter.grad is not None
        return self.parameter.grad[self.rows]


def attention_blocks(parameters: Sequence[Tensor]) -> list[Block]:
    """Factors of a one-head attention layer with biases, if `parameters` begin with one.

    Its shapes: packed projection [3d, d], bias [3d], output projection [d, d], bias [d].
    """
    shapes = [tuple(p.shape) for p in parameters[:4]]
    width = shapes[0][-1] if shapes[0] else 0
    if shapes != [(3 * width, width), (3 * width,), (width, width), (width,)]:
        return []
    packed, bias, out, out_bias = parameters[:4]
    family: dict[str, Block] = {}
    for index, role in enumerate("qkv"):
        rows = slice(index * width, (index + 1) * width)
        family[role] = Block(packed, role, rows, family=family)
        family["b" + role] = Block(bias, "b" + role, rows, family=family)
    family["o"] = Block(out, "o", family=family)
    family["bo"] = Block(out_bias, "bo", family=family)
    return list(family.values())


def find_blocks(
    parameters: Sequence[Tensor], patterns: Sequence[Callable[[Sequence[Tensor]], list[Block]]]
) -> list[Block]:
    """Blocks of the whole model; a parameter that matches no pattern is a block without a role."""
    blocks: list[Block] = []
    rest = list(parameters)
    while rest:
        fitting = (found for pattern in patterns if (found := pattern(rest)))
        taken = next(fitting, [Block(rest[0])])
        blocks += taken
        rest = rest[len({id(block.parameter) for block in taken}) :]
    return blocks


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


def attention_layers(blocks: Sequence[Block]) -> list[dict[str, Tensor]]:
    """The values of each attention layer's blocks by role."""
    return [{r: b.value for r, b in k.family.items()} for k in blocks if k.role == "bk"]


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
        self.blocks = find_blocks(self.parameters, [attention_blocks])
        self.blocks = to_products(self.blocks)

    @torch.no_grad()
    def step(self) -> None:
        self.steps += 1
        x = self.steps / self.max_steps
        blocks = [b for b in self.blocks if b.parameter.grad is not None]
        lr = LEARNING_RATE
        for block in blocks:
            value, grad, state = block.value, block.grad, self.state[block]
            t = state["t"] = state.get("t", 0) + 1
            momentum = buffer(state, "momentum", grad).lerp_(grad, 1 - MOMENTUM)
            update = momentum / (1 - MOMENTUM**t)
            second = buffer(state, "second", grad).lerp_(grad.square(), 1 - SECOND_MOMENT)
            update = update / ((second / (1 - SECOND_MOMENT**t)).sqrt() + EPSILON)
            if x > BLEND_FROM and update.ndim == 2:
                whitened = shampoo_direction(update, grad, state, 0.95, 1e-4)
                update = update.lerp(whitened, BLEND_SHARE)
            update = update * (SCORE_STEP if block.role in SCORE_ROLES else VALUE_STEP)
            value.sub_(lr * update)
