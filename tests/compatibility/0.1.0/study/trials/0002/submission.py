"""product-raw-nesterov, composed by autoresearch (spec 38e51aef3b23).

W <- W - eta(x) U for each block W with gradient G, at step t = x T of T:
- coordinates: the products of attention's factors, by the identity gauge (this project)
      W is one of M = Wq^T Wk / sqrt(d), u = Wk^T bq / sqrt(d), P = Wv^T Wo^T, c = Wo bv + bo
- temperature: a separate step and momentum for the scale exp(tau) of M and u (this project)
      g = <G, W> over W = (M, u);  b <- m b + g;  W <- exp(-r (g + m b)) W;  G <- G - W g / <W, W>
- momentum: decaying sum of gradients, one step ahead (Nesterov 1983; Sutskever et al. 2013)
      M <- b M + G;  U = G + b M
- direction: the averaged gradient, unscaled (gradient descent, Cauchy 1847): U <- U
- magnitude: steps of products in units of their typical curvature (this project)
      U <- d U for P and c;  U <- d |M| / |P|^2 U for M and u
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
TEMPERATURE_STEP = 0.001  # step of tau, per unit of dL/dtau
TEMPERATURE_MOMENTUM = 0.8  # share of tau's momentum kept
MOMENTUM = 0.8  # share of the sum kept a step
SCORE_STEP = 0.245  # a, share of the step size
VALUE_STEP = 1.0  # v, share of the step size
LEARNING_RATE = 0.078  # peak, in units of the update


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


class Submission(torch.optim.Optimizer):
    def __init__(self, params: ParamsT) -> None:
        super().__init__(params, {})
        self.parameters = [p for group in self.param_groups for p in group["params"]]
        self.blocks = find_blocks(self.parameters, [attention_blocks])
        self.blocks = to_products(self.blocks)

    @torch.no_grad()
    def step(self) -> None:
        blocks = [b for b in self.blocks if b.parameter.grad is not None]
        for block in blocks:
            if block.role == "q":
                step_temperature(block, self.state, TEMPERATURE_STEP, TEMPERATURE_MOMENTUM)
        scales = {block: natural_scale(block) for block in blocks}
        lr = LEARNING_RATE
        for block in blocks:
            value, grad, state = block.value, block.grad, self.state[block]
            momentum = buffer(state, "momentum", grad).mul_(MOMENTUM).add_(grad)
            update = grad + MOMENTUM * momentum
            update = update * scales[block]
            update = update * (SCORE_STEP if block.role in SCORE_ROLES else VALUE_STEP)
            value.sub_(lr * update)
