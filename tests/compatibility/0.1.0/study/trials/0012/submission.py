"""balanced-sign-ema-linear, composed by autoresearch (spec 4595276fd6de).

W <- W - eta(x) U for each block W with gradient G, at step t = x T of T:
- coordinates: factors rebalanced when the phase starts: both have the same singular values (gauge
  balance of cm_tail_ema, caffeine contest 2026)
      Wq^T Wk = U S V^T: Wq <- S^(1/2) U^T, Wk <- S^(1/2) V^T;  likewise Wv, Wo
- momentum: bias-corrected exponential average of gradients (Kingma and Ba 2015, arXiv:1412.6980)
      M <- b M + (1 - b) G;  U = M / (1 - b^t)
- direction: the sign of every entry (Lion, Chen et al. 2023, arXiv:2302.06675): U <- sign(U)
- schedule: a straight line from the peak to zero (Defazio et al. 2023, arXiv:2310.07831)
      eta(x) = eta (1 - x)
"""

from collections.abc import Callable, Sequence
from types import EllipsisType

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

MOMENTUM = 0.997962  # share of the average kept a step
LEARNING_RATE = 0.06887  # peak, in units of the update


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


class Submission(torch.optim.Optimizer):
    def __init__(self, params: ParamsT, max_steps: int = 40) -> None:
        super().__init__(params, {})
        self.max_steps, self.steps = max_steps, 0
        self.parameters = [p for group in self.param_groups for p in group["params"]]
        self.blocks = find_blocks(self.parameters, [attention_blocks])
        balance(self.blocks)

    @torch.no_grad()
    def step(self) -> None:
        self.steps += 1
        x = self.steps / self.max_steps
        blocks = [b for b in self.blocks if b.parameter.grad is not None]
        lr = LEARNING_RATE * max(0.0, 1 - x)
        for block in blocks:
            value, grad, state = block.value, block.grad, self.state[block]
            t = state["t"] = state.get("t", 0) + 1
            momentum = buffer(state, "momentum", grad).lerp_(grad, 1 - MOMENTUM)
            update = momentum / (1 - MOMENTUM**t)
            update = update.sign()
            value.sub_(lr * update)
