"""Blocks: the structure of a model, told from the shapes of its parameters alone."""

from collections.abc import Callable, Sequence
from types import EllipsisType

from torch import Tensor

SCORE_ROLES = ("q", "k", "bq", "bk")  # what makes the logits of attention
PARTNERS = {"q": "k", "k": "q", "v": "o", "o": "v"}


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


def partner(block: Block) -> Block | None:
    """The other factor of the product that a matrix acts through."""
    return block.family.get(PARTNERS.get(block.role, ""))


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
    family["o"] = Block(out, "o", inner=1, family=family)
    family["bo"] = Block(out_bias, "bo", family=family)
    return list(family.values())


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
