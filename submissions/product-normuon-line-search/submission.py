"""product-normuon, composed by autoresearch (spec c1fc044cc0c1).

W <- W - eta(x) U for each block W with gradient G, at step t = x T of T:
- coordinates: the products of attention's factors, by the identity gauge (this project)
      W is one of M = Wq^T Wk / sqrt(d), u = Wk^T bq / sqrt(d), P = Wv^T Wo^T, c = Wo bv + bo
- temperature: Newton steps for the scale exp(tau) of M and u (this project)
      g = <G, W> over W = (M, u), s = |W|;  tau = -r g d max(s, 8) / |P|^2, within 1/2
      W <- exp(tau) W;  G <- G - W g / s^2
- momentum: no momentum (Robbins and Monro 1951): U = G
- direction: muon with each row divided by its averaged rms (NorMuon, Li et al. 2025,
  arXiv:2510.05491)
      O = msign(U);  v <- b v + (1 - b) mean square of each row of O
      U <- O / sqrt(v), scaled to |O|
- damping: the step size that leaves the next gradient orthogonal to the step (this project; a line
  search by the gradient of the next batch, near to hypergradient descent, Baydin et al. 2018,
  arXiv:1703.04782)
      r = <G, U_before> / <G_before, U_before>, within 1
      a <- a exp(k (r + 1/40)) from the third step on;  U <- a U
- schedule: constant step size
      eta(x) = eta;  eta(x) <- eta(x) min(1, (x - x0) / w), x0 the start of the phase
"""

from collections.abc import Callable, Sequence
from types import EllipsisType

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

BEYOND = 0.025  # how far a step goes beyond the best for the next step alone, as a share of r
SLOWEST_TEMPERATURE = 8.0  # s to which the temperature's curvature grows as 1 / s
LARGEST_GROWTH = 0.5  # largest change of tau in one step
TEMPERATURE_GAIN = 0.2398  # r, share of the Newton step
SECOND_MOMENT = 0.9998852  # share of the average square kept a step
ROUNDS = 2  # rounds of the iteration
SEARCH_RATE = 0.3907  # k, gain of the search
LEARNING_RATE = 0.0355  # peak, in units of the update
WARMUP = 0.0836  # w, fraction of the run


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


def even_rows(update: Tensor, state: dict[str, Tensor], beta: float, t: int) -> Tensor:
    """Divide each row by its averaged root mean square, keeping the whole's Frobenius norm."""
    rows = buffer(state, "rows", update[:, :1]).lerp_(
        update.square().mean(dim=1, keepdim=True), 1 - beta
    )
    even = update / (rows / (1 - beta**t)).sqrt().clamp(min=1e-12)
    return even * (update.norm() / even.norm().clamp(min=1e-20))


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


def unit_rms(update: Tensor) -> Tensor:
    """Scale to a root mean square of one."""
    return update / update.square().mean().sqrt().clamp(min=1e-20)


def newton_schulz(matrix: Tensor, rounds: int = 5) -> Tensor:
    """U V^T of U S V^T, up to 30% in each singular value: rounds of X <- (a + b A + c A^2) X."""
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix) / matrix.norm().clamp(min=1e-20)
    for _ in range(rounds):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x.T if tall else x


def logit_spread(block: Block) -> Tensor:
    """s = |(M, u)| of the layer of `block`, whose blocks are products."""
    scores, shift = block.family["q"].value, block.family["bq"].value
    return (scores.square().sum() + shift.square().sum()).sqrt()


def score_unit(block: Block) -> Tensor:
    """d / |P|^2: an error of the logits acts through P on the mean over d outputs."""
    values = block.family["v"].value
    return len(values) / values.square().sum().clamp(min=1e-12)


def step_scale(block: Block, rate: float) -> None:
    """Step the common scale exp(tau) of M and u by its own curvature, out of their gradients.

    With g = <G, W> over W = (M, u), s = |W|: d^2L/dtau^2 is near |P|^2 / (d s), so that
    tau moves by -rate g d max(s, 8) / |P|^2, at most by 1/2; G <- G - W g / s^2.
    """
    both = (block, block.family["bq"])
    pair = [b for b in both if b.parameter.grad is not None]
    slope = torch.stack([(b.grad * b.value).sum() for b in pair]).sum()
    spread = logit_spread(block)
    newton = rate * score_unit(block) * spread.clamp(min=SLOWEST_TEMPERATURE) * slope
    growth = torch.exp(-newton.clamp(-LARGEST_GROWTH, LARGEST_GROWTH))
    for b in pair:
        b.grad.sub_(b.value * (slope / spread.square().clamp(min=1e-30)))
        b.value.mul_(growth)


class Submission(torch.optim.Optimizer):
    def __init__(self, params: ParamsT, max_steps: int = 400) -> None:
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
        for block in blocks:
            if block.role == "q":
                step_scale(block, TEMPERATURE_GAIN)
        lr = LEARNING_RATE
        lr *= min(1.0, x / WARMUP)
        for block in blocks:
            value, grad, state = block.value, block.grad, self.state[block]
            t = state["t"] = state.get("t", 0) + 1
            update = grad
            if value.ndim == 2:
                update = newton_schulz(update, ROUNDS) * max(update.shape) ** 0.5
                update = even_rows(update, state, SECOND_MOMENT, t)
            else:
                update = unit_rms(update)
            update = update * line_search(update, grad, state, SEARCH_RATE, t)
            value.sub_(lr * update)
