"""factors-comp_muon-nesterov-lognormal+balanced, composed by autoresearch (spec df42877d0243).

W <- W - eta(x) U for each block W with gradient G, at step t = x T of T:

At first:
- coordinates: factors of attention (torch.nn.MultiheadAttention): Wq, Wk, Wv, Wo, bq, bk, bv, bo
- vectors: Adam with a fixed step r where W is no matrix (Kingma and Ba 2015, arXiv:1412.6980)
      W <- W - r M / (sqrt(V) + 1e-8), M and V the bias-corrected averages of G and G^2
- momentum: decaying sum of gradients, one step ahead (Nesterov 1983; Sutskever et al. 2013)
      M <- b M + G;  U = G + b M
- direction: matrix sign of a factor whitened by its partner, so that their product moves evenly
  (Compositional Muon, Keigwin et al. 2026, blog.tilderesearch.com/blog/compositional-muon)
      C = (Gram of the partner + l I)^(1/2)
      U <- C^-1 msign(C^-1 U) sqrt(max(rows, columns)), for V and O scaled to unit rms
      l moves to l_1 from x0 on
- steps: one step size for the logits' factors (Q, K), one for all others (Q/K tail of cm_tail_ema,
  caffeine contest 2026)
      U <- a U for Q and K;  a moves to r a from x0 on;  U <- v U for all others
- schedule: fast rise to a peak, then a long tail (adaptive_cm and cm_tail_ema, caffeine contest
  2026)
      eta(x) = eta exp(-ln(x / p)^2 / (2 s^2));  eta(x) <- max(eta(x), f eta)

From 0.675 of the run on, else as before:
- coordinates: factors rebalanced when the phase starts: both have the same singular values (gauge
  balance of cm_tail_ema, caffeine contest 2026)
      Wq^T Wk = U S V^T: Wq <- S^(1/2) U^T, Wk <- S^(1/2) V^T;  likewise Wv, Wo

In the whole run:
- averaging: exponential average over the end of the run (cm_tail_ema, caffeine contest 2026)
      A <- a A + (1 - a) W for x >= x0;  W <- A at the end
"""

import math
from collections.abc import Callable, Sequence
from types import EllipsisType

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

SCORE_ROLES = ("q", "k", "bq", "bk")  # roles on the side of the logits of attention
PARTNERS = {"q": "k", "k": "q", "v": "o", "o": "v"}
AVERAGE_FROM = 0.8125  # fraction of the run where it begins
AVERAGE_KEPT = 0.96  # share kept a step
PHASE_2 = 0.675  # fraction of the run where phase 2 starts
VECTOR_STEP = 0.003  # r, step size in units of the parameters
VECTOR_MOMENTUM = 0.9  # a, share kept a step
VECTOR_SECOND = 0.999  # b, share kept a step
MOMENTUM = 0.95  # share of the sum kept a step
DAMPING = 1.0  # l, in units of a squared weight
DAMPING_END = 0.01  # l_1, l at the end
DAMPING_FROM = 0.75  # x0, fraction of the run
SCORE_STEP = 1.0  # a, share of the step size
VALUE_STEP = 1.0  # v, share of the step size
SCORE_RAMP = 1.75  # r, last factor
RAMP_FROM = 0.75  # x0, fraction of the run
LEARNING_RATE = 0.1348  # peak, in units of the update
FLOOR = 0.000656  # f, smallest share of the peak
PEAK_AT = 0.1025  # p, fraction of the run at the peak
PEAK_WIDTH = 0.63  # s, width in natural logarithms


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


def partner(block: Block) -> Block | None:
    """The other factor of the product that a matrix acts through."""
    return block.family.get(PARTNERS.get(block.role, ""))


def shared_axis(block: Block) -> int:
    """The axis that a matrix shares with its partner."""
    return 1 if block.role == "o" or of_tables(block) else 0


def of_tables(block: Block) -> bool:
    """Whether a block belongs to a model of token tables."""
    return "o" in block.family and "bk" not in block.family


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


def table_blocks(parameters: Sequence[Tensor]) -> list[Block]:
    """Token tables q, k, v [n, d], readout [c, d] and its bias [c] at the start of `parameters`."""
    shapes = [tuple(p.shape) for p in parameters[:5]]
    if len(shapes) < 4 or len(shapes[3]) != 2:
        return []
    (classes, width), tokens = shapes[3], shapes[0][0] if shapes[0] else 0
    if shapes[:3] != [(tokens, width)] * 3 or tokens <= width:
        return []
    family: dict[str, Block] = {}
    for role, parameter in zip("qkvo", parameters[:4], strict=True):
        family[role] = Block(parameter, role, family=family)
    if shapes[4:] == [(classes,)]:
        family["bo"] = Block(parameters[4], "bo", family=family)
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


def partner_root(block: Block, damping: float) -> Tensor:
    """C^-1 = (Gram + damping I)^(-1/2) of the partner, on the axis that the two share."""
    other = partner(block)
    assert other is not None
    wide = other.value.T if shared_axis(other) else other.value
    return inverse_root(wide @ wide.T, damping)


def compose(block: Block, update: Tensor, root: Tensor | None) -> Tensor:
    """C^-1 msign(C^-1 U), on the axis shared with the partner, times sqrt(max(rows, columns)).

    Value and output factors are scaled back to the Frobenius norm of their matrix sign. A block
    without partner has no root; it is scaled to unit rms.
    """
    if root is None:
        return unit_rms(update)
    axis = shared_axis(block)
    wide = update.T if axis else update
    sign = newton_schulz(root @ wide)
    step = root @ sign
    if block.role in ("v", "o"):
        step = step * (sign.norm() / step.norm().clamp(min=1e-12))
    return (step.T if axis else step) * max(update.shape) ** 0.5


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


def unit_rms(update: Tensor) -> Tensor:
    """Scale to a root mean square of one."""
    return update / update.square().mean().sqrt().clamp(min=1e-30)


def newton_schulz(matrix: Tensor) -> Tensor:
    """U V^T of U S V^T, up to 30% in each singular value: five times X <- (a + b A + c A^2) X."""
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix) / matrix.norm().clamp(min=1e-30)
    for _ in range(5):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x.T if tall else x


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


def ramp(x: float, start: float, end: float) -> float:
    """Rises from 0 at x = `start` to 1 at `end`, and stays."""
    return min(max((x - start) / (end - start), 0.0), 1.0)


class Submission(torch.optim.Optimizer):
    def __init__(self, params: ParamsT, max_steps: int = 40) -> None:
        super().__init__(params, {})
        self.max_steps, self.steps = max_steps, 0
        self.parameters = [p for group in self.param_groups for p in group["params"]]
        self.blocks = find_blocks(self.parameters, [attention_blocks, table_blocks])
        self.averages = []
        self.phase_1_ends = max(1, round(PHASE_2 * max_steps))

    @torch.no_grad()
    def step(self) -> None:
        self.steps += 1
        x = self.steps / self.max_steps
        blocks = [b for b in self.blocks if b.parameter.grad is not None]
        damping = DAMPING + (DAMPING_END - DAMPING) * ramp(x, DAMPING_FROM, 1.0)
        roots = {b: partner_root(b, damping) for b in blocks if partner(b)}
        scores = SCORE_STEP * (1 + (SCORE_RAMP - 1) * ramp(x, RAMP_FROM, 1.0))
        lr = LEARNING_RATE * math.exp(-(math.log(x / PEAK_AT) ** 2) / (2 * PEAK_WIDTH**2))
        lr = max(lr, LEARNING_RATE * FLOOR)
        for block in blocks:
            value, grad, state = block.value, block.grad, self.state[block]
            if value.ndim != 2:
                t = state["t"] = state.get("t", 0) + 1
                first = buffer(state, "first", grad).lerp_(grad, 1 - VECTOR_MOMENTUM)
                second = buffer(state, "second", grad).lerp_(grad.square(), 1 - VECTOR_SECOND)
                root = (second / (1 - VECTOR_SECOND**t)).sqrt()
                value.sub_(VECTOR_STEP * (first / (1 - VECTOR_MOMENTUM**t) / (root + 1e-8)))
            else:
                momentum = buffer(state, "momentum", grad).mul_(MOMENTUM).add_(grad)
                update = grad + MOMENTUM * momentum
                update = compose(block, update, roots.get(block))
                update = update * (scores if block.role in SCORE_ROLES else VALUE_STEP)
                value.sub_(lr * update)
        if x >= AVERAGE_FROM:
            blend_in(self.averages, self.parameters, 1 - AVERAGE_KEPT)
        if self.steps == self.max_steps:
            copy_in(self.averages, self.parameters)
        if self.steps == self.phase_1_ends:
            self.blocks = find_blocks(self.parameters, [attention_blocks])
            balance(self.blocks)
            self.state.clear()
            self.averages = []
