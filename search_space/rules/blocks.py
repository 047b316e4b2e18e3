"""Blocks: the structure of a model, found by the shapes of its parameters alone."""

from collections.abc import Callable, Sequence
from types import EllipsisType

from torch import Tensor

SCORE_ROLES = ("q", "k", "bq", "bk")  # roles on the side of the logits of attention
PARTNERS = {"q": "k", "k": "q", "v": "o", "o": "v"}


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


def split_attention(parameters: list[Tensor]) -> dict[Tensor, tuple[int, ...]]:
    """Shapes [blocks, ...] of the parameters: three where Q, K and V are packed, otherwise one."""
    shapes = {p: (1, *p.shape) for p in parameters}
    for i, weight in enumerate(parameters[:-3]):
        d = weight.shape[-1] if weight.ndim else 0
        if [p.shape for p in parameters[i : i + 4]] == [(3 * d, d), (3 * d,), (d, d), (d,)]:
            shapes |= {weight: (3, d, d), parameters[i + 1]: (3, d)}
    return shapes


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
