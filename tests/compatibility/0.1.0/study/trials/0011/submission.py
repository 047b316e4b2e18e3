"""factors-comp_muon-nesterov-lognormal+product-raw-nesterov-constant, composed by autoresearch
(spec 22feb42b9975).

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
- schedule: fast rise to a peak, then a long tail (adaptive_cm and cm_tail_ema, caffeine contest
  2026)
      eta(x) = eta exp(-ln(x / p)^2 / (2 s^2))

From 0.15 of the run on, else as before:
- coordinates: the products of attention's factors, by the identity gauge (this project)
      W is one of M = Wq^T Wk / sqrt(d), u = Wk^T bq / sqrt(d), P = Wv^T Wo^T, c = Wo bv + bo
- temperature: a separate step and momentum for the scale exp(tau) of M and u (this project)
      g = <G, W> over W = (M, u);  b <- m b + g;  W <- exp(-r (g + m b)) W;  G <- G - W g / <W, W>
- vectors: as matrices; unit rms where a direction is for matrices only
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

import math
from collections.abc import Callable, Sequence
from types import EllipsisType

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

SCORE_ROLES = ("q", "k", "bq", "bk")  # roles on the side of the logits of attention
PARTNERS = {"q": "k", "k": "q", "v": "o", "o": "v"}
PHASE_2 = 0.15  # fraction of the run where phase 2 starts
VECTOR_STEP = 0.003  # r, step size in units of the parameters
VECTOR_MOMENTUM = 0.9  # a, share kept a step
VECTOR_SECOND = 0.999  # b, share kept a step
MOMENTUM = 0.85  # share of the sum kept a step
DAMPING = 1.0  # l, in units of a squared weight
LEARNING_RATE = 0.2386  # peak, in units of the update
PEAK_AT = 0.0275  # p, fraction of the run at the peak
PEAK_WIDTH = 0.6  # s, width in natural logarithms
TEMPERATURE_STEP_2 = 0.001  # step of tau, per unit of dL/dtau
TEMPERATURE_MOMENTUM_2 = 0.8  # share of tau's momentum kept
MOMENTUM_2 = 0.8  # share of the sum kept a step
SCORE_STEP_2 = 0.22  # a, share of the step size
VALUE_STEP_2 = 1.0  # v, share of the step size
LEARNING_RATE_2 = 0.078  # peak, in units of the update


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


class Submission(torch.optim.Optimizer):
    def __init__(self, params: ParamsT, max_steps: int = 40) -> None:
        super().__init__(params, {})
        self.max_steps, self.steps = max_steps, 0
        self.parameters = [p for group in self.param_groups for p in group["params"]]
        self.blocks = find_blocks(self.parameters, [attention_blocks, table_blocks])
        self.phase_1_ends = max(1, round(PHASE_2 * max_steps))

    @torch.no_grad()
    def step(self) -> None:
        self.steps += 1
        x = self.steps / self.max_steps
        if self.steps <= self.phase_1_ends:
            self.step_1(x)
        else:
            self.step_2()
        if self.steps == self.phase_1_ends:
            self.blocks = find_blocks(self.parameters, [attention_blocks])
            self.blocks = to_products(self.blocks)
            self.state.clear()

    def step_1(self, x: float) -> None:
        blocks = [b for b in self.blocks if b.parameter.grad is not None]
        roots = {b: partner_root(b, DAMPING) for b in blocks if partner(b)}
        lr = LEARNING_RATE * math.exp(-(math.log(x / PEAK_AT) ** 2) / (2 * PEAK_WIDTH**2))
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
                value.sub_(lr * update)

    def step_2(self) -> None:
        blocks = [b for b in self.blocks if b.parameter.grad is not None]
        for block in blocks:
            if block.role == "q":
                step_temperature(block, self.state, TEMPERATURE_STEP_2, TEMPERATURE_MOMENTUM_2)
        scales = {block: natural_scale(block) for block in blocks}
        lr = LEARNING_RATE_2
        for block in blocks:
            value, grad, state = block.value, block.grad, self.state[block]
            momentum = buffer(state, "momentum", grad).mul_(MOMENTUM_2).add_(grad)
            update = grad + MOMENTUM_2 * momentum
            update = update * scales[block]
            update = update * (SCORE_STEP_2 if block.role in SCORE_ROLES else VALUE_STEP_2)
            value.sub_(lr * update)
