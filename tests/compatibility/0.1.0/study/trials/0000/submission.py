"""An optimizer composed by autoresearch: rows-raw.

W is a block of parameters, G its gradient, U its update, t the step, x = t / T the
fraction of the run that is done. At each step: W <- W - eta(x) U.

- coordinates: the rows of a table that have a gradient; others keep their value and their state
  (lazy updates of sparse gradients; with counts of steps by row)
      W is the rows of a parameter with G != 0
- queries: rows that had a gradient, up to d of them, become orthogonal and are not trained (this
  project)
      Q over the rows in use <- s sqrt(d) U V^T, for their first values U S V^T
- momentum: no momentum (Robbins and Monro 1951)
      U = G
- direction: the averaged gradient as it is: steps shrink with the gradient (gradient descent,
  Cauchy 1847)
      U <- U
- magnitude: steps in units of the first gradient: eta is what the first step should gain (this
  project; a Polyak step, fixed at the first one)
      U <- U / |G_1|^2, G_1 the first gradient of the table v, else of all blocks
- keys: a learned key scores below an unknown one at every query but its own (this project)
      U <- a U for rows with <U, m> > 0, m the unit mean of the rows of Q in use
      K <- R - e |R| m by row after the step, R = K - <K, m> m
- schedule: the same step size throughout
      eta(x) = eta

In the whole run:

- start: shrinks the token tables k and v, whose noise would hide what is learned (this project)
      K <- a K, V <- b V
- readout: fixed to the orthogonal matrix nearest to its first value, bias zero (this project)
      R <- n U V^T for R = U S V^T
      not trained

Spec 8e6957cf5b28.
"""

from collections.abc import Callable, Sequence
from types import EllipsisType

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

MAX_STEPS = 400  # length of the run, in steps
KEY_START = 0.001  # a, share of the initial k
VALUE_START = 0.0  # b, share of the initial v
READOUT_NORM = 1.0  # n, norm of a row
ADDRESS_SIZE = 1.0  # s, norm of a row over sqrt(d)
ELIMINATION = 3.0  # e, component along m over the rest
LOWERED_STEP = 0.25  # a, share of steps that lower the score
LEARNING_RATE = 1.0  # peak step size, in units of the update


class Block:
    """A piece of the model that is stepped on its own: a view of a parameter, with its state.

    `role` is q, k, v or o, with a b before it for a bias, or empty where shapes do not tell it.
    `inner` is the axis that a matrix shares with its partner; `family` has the layer's blocks.
    `state` belongs to the loop over blocks, `memory` to what is done before it.
    """

    def __init__(
        self,
        parameter: Tensor,
        role: str = "",
        rows: slice | EllipsisType = ...,
        inner: int = 0,
        family: "dict[str, Block] | None" = None,
    ) -> None:
        self.parameter, self.role, self.rows, self.inner = parameter, role, rows, inner
        self.family = {} if family is None else family
        self.state: dict[str, Tensor] = {}
        self.memory: dict[str, Tensor] = {}

    @property
    def value(self) -> Tensor:
        return self.parameter.data[self.rows]

    @property
    def grad(self) -> Tensor:
        assert self.parameter.grad is not None
        return self.parameter.grad[self.rows]


def of_tables(block: Block) -> bool:
    """Whether a block belongs to a model of token tables."""
    return "o" in block.family and "bk" not in block.family


def table_blocks(parameters: Sequence[Tensor]) -> list[Block]:
    """Token tables q, k, v [n, d] and a readout [c, d] with bias [c], if `parameters` begin so."""
    shapes = [tuple(p.shape) for p in parameters[:5]]
    if len(shapes) < 4 or len(shapes[3]) != 2:
        return []
    (classes, width), tokens = shapes[3], shapes[0][0] if shapes[0] else 0
    if shapes[:3] != [(tokens, width)] * 3 or tokens <= width:
        return []
    family: dict[str, Block] = {}
    for role, parameter in zip("qkvo", parameters[:4], strict=True):
        family[role] = Block(parameter, role, inner=1, family=family)
    if shapes[4:] == [(classes,)]:
        family["bo"] = Block(parameters[4], "bo", family=family)
    return list(family.values())


def find_blocks(
    parameters: Sequence[Tensor],
    patterns: Sequence[Callable[[Sequence[Tensor]], list[Block]]],
) -> list[Block]:
    """Blocks of the whole model; a parameter that fits no pattern is a block without a role."""
    blocks: list[Block] = []
    rest = list(parameters)
    while rest:
        fitting = (found for pattern in patterns if (found := pattern(rest)))
        taken = next(fitting, [Block(rest[0])])
        blocks += taken
        rest = rest[len({id(block.parameter) for block in taken}) :]
    return blocks


def polar_factor(matrix: Tensor) -> Tensor:
    """The nearest matrix with orthonormal rows or columns, exactly: U V^T of U S V^T."""
    exact = torch.nan_to_num(matrix.cpu().double(), posinf=1e30, neginf=-1e30)
    left, _, right = torch.linalg.svd(exact, full_matrices=False)
    return (left @ right).to(matrix)


def live_rows(grad: Tensor) -> Tensor | EllipsisType:
    """Mask of the rows of a matrix that have a gradient; everything for other tensors."""
    return grad.any(dim=1) if grad.ndim == 2 else ...


def scale_tables(blocks: Sequence[Block], keys: float, values: float) -> None:
    """Multiply the initial tables k and v; other blocks stay."""
    for block in blocks:
        if of_tables(block) and block.role in ("k", "v"):
            block.value.mul_(keys if block.role == "k" else values)


def polar_readout(blocks: Sequence[Block], norm: float) -> list[Block]:
    """Fix the readout of token tables to `norm` times its own polar factor, bias zero.

    Returns the blocks that are still trained.
    """
    for block in blocks:
        if of_tables(block) and block.role == "o":
            block.value.copy_(norm * polar_factor(block.value))
    return without_readout(blocks)


def without_readout(blocks: Sequence[Block]) -> list[Block]:
    """The blocks but the readout of token tables; sets its bias to zero."""
    for block in blocks:
        if of_tables(block) and block.role == "bo":
            block.value.zero_()
    return [block for block in blocks if not of_tables(block) or block.role not in ("o", "bo")]


def give_addresses(blocks: Sequence[Block], size: float) -> list[Block]:
    """Make the rows of q that are in use orthogonal, of norm size sqrt(d), and otherwise fixed.

    A row is in use once it has had a gradient; then q <- size sqrt(d) U V^T over these rows, for
    their first values U S V^T. Their mean direction is kept as `mean`. Returns the other blocks.
    """
    for block in blocks:
        if not (of_tables(block) and block.role == "q"):
            continue
        memory = block.memory
        if "first" not in memory:
            memory["first"] = block.value.clone()
            memory["live"] = torch.zeros_like(block.value[:, 0], dtype=torch.bool)
        first, known = memory["first"], memory["live"]
        live = known | block.grad.any(dim=1)
        if not torch.equal(live, known):
            memory["live"] = live
            block.value[live] = size * first.shape[1] ** 0.5 * polar_factor(first[live])
            mean = block.value[live].mean(dim=0)
            memory["mean"] = mean / mean.norm().clamp(min=1e-30)
    return [block for block in blocks if not (of_tables(block) and block.role == "q")]


def mean_address(block: Block) -> Tensor | None:
    """The unit mean of the rows of q in use, for the table k beside them."""
    if not (of_tables(block) and block.role == "k"):
        return None
    return block.family["q"].memory.get("mean")


def spare_lowered(block: Block, update: Tensor, share: float) -> Tensor:
    """Shrink the steps of those rows of k whose score at the mean address they would lower."""
    mean = mean_address(block)
    if mean is None:
        return update
    lowered = (update @ mean > 0).to(update.dtype)[:, None]
    return update * (1 - (1 - share) * lowered)


def eliminate(block: Block, value: Tensor, depth: float) -> None:
    """Hold rows of k below zero at the mean address: K <- R - depth |R| m, R = K - <K, m> m.

    Attention then leaves a learned key to its own query, and turns to what is not known yet.
    """
    mean = mean_address(block)
    if mean is not None:
        value.sub_(torch.outer(value @ mean, mean))
        value.sub_(depth * torch.outer(value.norm(dim=1), mean))


def first_descent(blocks: Sequence[Block]) -> Tensor:
    """1 / |G|^2 for the first gradient of the table v: a step that would lower the loss by one.

    It counts the independent examples behind a gradient. Other models take all their gradients.
    """
    if not blocks:
        return torch.ones(())
    values = [block for block in blocks if of_tables(block) and block.role == "v"] or list(blocks)
    memory = values[0].memory
    if "descent" not in memory:
        size = torch.stack([b.grad.square().sum() for b in values]).sum()
        memory["descent"] = 1 / size.clamp(min=1e-30)
    return memory["descent"]


class Submission(torch.optim.Optimizer):
    def __init__(self, params: ParamsT, max_steps: int = MAX_STEPS) -> None:
        super().__init__(params, {})
        self.max_steps = max_steps
        self.steps_taken = 0
        self.parameters = [p for group in self.param_groups for p in group["params"]]
        self.blocks = find_blocks(self.parameters, [table_blocks])
        self.blocks = polar_readout(self.blocks, READOUT_NORM)
        scale_tables(self.blocks, KEY_START, VALUE_START)

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        self.steps_taken += 1
        blocks = [b for b in self.blocks if b.parameter.grad is not None]
        blocks = give_addresses(blocks, ADDRESS_SIZE)
        descent = first_descent(blocks)
        lr = LEARNING_RATE
        for block in blocks:
            rows = live_rows(block.grad)
            value, grad = block.value[rows], block.grad[rows]
            update = grad
            update = update * descent
            update = spare_lowered(block, update, LOWERED_STEP)
            value.sub_(lr * update)
            eliminate(block, value, ELIMINATION)
            block.value[rows] = value
