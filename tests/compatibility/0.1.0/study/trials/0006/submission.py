"""factors-comp_muon-nesterov-cosine, composed by autoresearch (spec 34746d8ef940).

W <- W - eta(x) U for each block W with gradient G, at step t = x T of T:
- coordinates: factors of attention (torch.nn.MultiheadAttention): Wq, Wk, Wv, Wo, bq, bk, bv, bo
- vectors: Adam with a fixed step r where W is no matrix (Kingma and Ba 2015, arXiv:1412.6980)
      W <- W - r M / (sqrt(V) + 1e-8), M and V the bias-corrected averages of G and G^2
- momentum: decaying sum of gradients, one step ahead (Nesterov 1983; Sutskever et al. 2013)
      M <- b M + G;  U = G + b M
- direction: matrix sign of a factor whitened by its partner, so that their product moves evenly
  (Compositional Muon, Keigwin et al. 2026, blog.tilderesearch.com/blog/compositional-muon)
      C = (Gram of the partner + l I)^(1/2)
      U <- C^-1 msign(C^-1 U) sqrt(max(rows, columns)), for V and O scaled to unit rms
- schedule: half a cosine to zero (SGDR, arXiv:1608.03983): eta(x) = eta (1 + cos(pi x)) / 2
"""

import math
from collections.abc import Callable, Sequence
from types import EllipsisType

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

PARTNERS = {"q": "k", "k": "q", "v": "o", "o": "v"}
VECTOR_STEP = 0.0003  # r, step size in units of the parameters
VECTOR_MOMENTUM = 0.9  # a, share kept a step
VECTOR_SECOND = 0.999  # b, share kept a step
MOMENTUM = 0.95  # share of the sum kept a step
DAMPING = 0.01  # l, in units of a squared weight
LEARNING_RATE = 0.004419  # peak, in units of the update


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

    @torch.no_grad()
    def step(self) -> None:
        self.steps += 1
        blocks = [b for b in self.blocks if b.parameter.grad is not None]
        roots = {b: partner_root(b, DAMPING) for b in blocks if partner(b)}
        lr = LEARNING_RATE * (1 + math.cos(math.pi * min(self.steps / self.max_steps, 1.0))) / 2
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
