"""Texts and numbers written in a submission: what was trained elsewhere hides in them."""

import ast
import zlib
from collections.abc import Iterator

from tracks.rules.bare import bare, reads_docstrings
from tracks.rules.rulebook import Finding, Level

SUSPECT, FORBIDDEN = 8_000, 16_000
"""Bytes of all literals and of all names of a file, each name once. Those of this repository have a
thousand, the longest file of torch.optim has 13,000, most of them documentation."""
PACKED_SUSPECT, PACKED_FORBIDDEN = 16_000, 32_000
"""Bytes of a file without comments, packed by zlib: data may also be the order of short names, or
the spaces between them. The longest file of torch.optim has 8,000."""
NAMED = ("id", "attr", "arg", "name", "asname", "module", "rest", "kwd_attrs", "names")
"""Fields of a syntax tree with names."""


def literals(tree: ast.Module, source: str) -> Iterator[Finding]:
    """Findings for a file with more bytes of texts, numbers and names than an optimizer needs.

    A docstring counts only where the file reads one.
    """
    total, line = _written(tree)
    if total > SUSPECT:
        message = (
            f"{total:,} bytes of texts, numbers and names are written in it: "
            "is a model or data inside?"
        )
        remedy = f"an optimizer needs few; compute them, with at most {FORBIDDEN:,}"
        yield Finding(line, _level(total > FORBIDDEN), "literals", message, remedy)
    packed = len(zlib.compress(bare(source).encode("utf-8", "surrogatepass"), 9))
    if packed > PACKED_SUSPECT:
        message = f"its code is {packed:,} bytes when packed: is a model or data inside?"
        remedy = f"leave out what no run needs; at most {PACKED_FORBIDDEN:,} are accepted"
        yield Finding(1, _level(packed > PACKED_FORBIDDEN), "literals", message, remedy)


def _level(broken: bool) -> Level:
    return "forbidden" if broken else "suspect"


def _written(tree: ast.Module) -> tuple[int, int]:
    """Bytes of all literals and names, and the line of the longest."""
    read, names = reads_docstrings(tree), dict[str, int]()
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    sizes = [(0, 1)]
    line = 1
    for node in ast.walk(tree):
        line = getattr(node, "lineno", line)
        if isinstance(node, ast.Constant) and (read or id(node) not in docs):
            sizes.append((_size(node), line))
        for field in NAMED:
            value = getattr(node, field, None)
            for name in value if isinstance(value, list) else [value]:
                if isinstance(name, str):
                    names.setdefault(name, line)
    sizes += [(len(name.encode("utf-8", "surrogatepass")), at) for name, at in names.items()]
    return sum(size for size, _ in sizes), max(sizes)[1]


def _size(node: ast.Constant) -> int:
    if isinstance(node.value, str):
        return len(node.value.encode("utf-8", "surrogatepass"))
    if isinstance(node.value, bytes):
        return len(node.value)
    return (node.end_col_offset or 0) - node.col_offset
