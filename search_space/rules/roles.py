"""Roles of parameters in any model, read from their shapes and their order."""

from collections.abc import Sequence

import torch
from torch import Tensor

from search_space.rules.blocks import Block
from search_space.rules.matrix import newton_schulz, unit_rms


def layer_roles(blocks: Sequence[Block]) -> dict[Block, str]:
    """`embedding`, `hidden`, `head` or `vector` for each block.

    A matrix of an attention layer is hidden, also where only its packed projection is trained.
    """
    parameters = list(dict.fromkeys(block.parameter for block in blocks))
    shapes = [tuple(p.shape) for p in parameters]
    roles = ["hidden" if len(shape) > 1 else "vector" for shape in shapes]
    tables = leading_tables(shapes)
    roles[:tables] = ["embedding"] * tables
    layers = {block.parameter for block in blocks if "bk" in block.family}
    last = max((i for i, shape in enumerate(shapes) if len(shape) == 2), default=-1)
    if (
        last >= tables
        and parameters[last] not in layers
        and is_head(shapes[last], shapes[0] if tables else None)
    ):
        roles[last] = "head"
    by_parameter = dict(zip(parameters, roles, strict=True))
    return {block: by_parameter[block.parameter] for block in blocks}


def leading_tables(shapes: Sequence[tuple[int, ...]]) -> int:
    """How many parameters at the start are embeddings: equal matrices [tokens, d] without a bias.

    The next matrix, if there is one, has d columns too: it reads what an embedding writes. Several
    square matrices may be hidden layers as well, and count as such.
    """
    count = 0
    while count < len(shapes) and len(shapes[count]) == 2 and shapes[count] == shapes[0]:
        count += 1
    if not count or shapes[0][:1] in shapes[count : count + 1]:
        return 0
    several = count > 1 and shapes[0][0] != shapes[0][1]
    later = [shape for shape in shapes[count:] if len(shape) == 2]
    if not later:
        return count if several else 0
    reads = later[0][1] == shapes[0][1]
    return count if reads and (count == 1 or several) else 0


def is_head(shape: tuple[int, ...], table: tuple[int, ...] | None) -> bool:
    """Whether the last matrix is a readout: of a table's shape, or [classes, d], not square."""
    rows, columns = shape
    return shape == table or (rows != columns and (table is None or columns == table[1]))


def role_direction(update: Tensor, role: str) -> Tensor:
    """Steepest descent in the norm of the role, with entries of about unit size.

    The spectral norm for hidden matrices, the largest norm of a row for embeddings, the largest
    entry for heads, the root mean square for the rest.
    """
    if role == "hidden" and update.ndim == 2:
        return newton_schulz(update) * max(update.shape) ** 0.5
    if role == "embedding":
        return update / update.square().mean(dim=1, keepdim=True).sqrt().clamp(min=1e-20)
    return torch.sign(update) if role == "head" else unit_rms(update)


def role_share(role: str, embedding: float, head: float, vector: float) -> float:
    """The share of the step size of a role; hidden matrices have one."""
    return {"embedding": embedding, "head": head, "vector": vector}.get(role, 1.0)
