"""Texts and numbers written in a submission: what was trained elsewhere hides in them."""

import ast
from collections.abc import Iterator

from tracks.rules.rulebook import Finding, Level

SUSPECT, FORBIDDEN = 8_000, 16_000
"""Bytes of all literals of a file. Those of this repository have a hundred, the longest file of
torch.optim has 11,000, most of them documentation."""


def literals(tree: ast.Module) -> Iterator[Finding]:
    """A finding for a file with more bytes of texts and numbers than an optimizer needs.

    A docstring counts only where the file reads one.
    """
    read = any(
        isinstance(node, ast.Attribute | ast.Name) and _named(node) for node in ast.walk(tree)
    )
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    sizes = [
        (_size(node), node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and (read or id(node) not in docs)
    ]
    total = sum(size for size, _ in sizes)
    if total > SUSPECT:
        level: Level = "forbidden" if total > FORBIDDEN else "suspect"
        message = (
            f"{total:,} bytes of texts and numbers are written in it: is a model or data inside?"
        )
        remedy = f"an optimizer needs few; compute them, with at most {FORBIDDEN:,}"
        yield Finding(max(sizes)[1], level, "literals", message, remedy)


def _named(node: ast.Attribute | ast.Name) -> bool:
    """Whether this reads a docstring."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id
    return name in ("__doc__", "getdoc") and isinstance(node.ctx, ast.Load)


def _size(node: ast.Constant) -> int:
    if isinstance(node.value, str):
        return len(node.value.encode("utf-8", "surrogatepass"))
    if isinstance(node.value, bytes):
        return len(node.value)
    return (node.end_col_offset or 0) - node.col_offset
