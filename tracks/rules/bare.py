"""A submission without what no optimizer reads: its comments, and the docstrings it does not use.

Anything can be written there, and Python keeps the lines of a file for its tracebacks. So a host
gets a long file without them, and what may hide in a file is counted without them.
"""

import ast
import io
import tokenize

LONG = 8_000
"""Characters; no shorter file holds more than a person is asked to read."""


def bare(source: str) -> str:
    """`source` with every line in its place; as it is where it is short, or cannot be read."""
    if len(source) <= LONG:
        return source
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    try:
        tree = ast.parse(text)
        found = _without_comments(text if reads_docstrings(tree) else _without_strings(text, tree))
        same = ast.dump(ast.parse(found)) == ast.dump(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
        return source
    return found if same else source


def reads_docstrings(tree: ast.Module) -> bool:
    """Whether a file reads a docstring."""
    return any(
        isinstance(node, ast.Attribute | ast.Name) and _named(node) for node in ast.walk(tree)
    )


def _named(node: ast.Attribute | ast.Name) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id
    return name in ("__doc__", "getdoc") and isinstance(node.ctx, ast.Load)


def _without_strings(text: str, tree: ast.Module) -> str:
    """`text` with empty strings for those that are statements, as docstrings are; so in `tree`."""
    lines = [line.encode() for line in text.split("\n")]
    strings = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ]
    # from the end, so that the places of those before stay
    for string in sorted(strings, key=lambda s: (s.lineno, s.col_offset), reverse=True):
        first, last = string.lineno - 1, (string.end_lineno or string.lineno) - 1
        after = lines[last][string.end_col_offset :]
        lines[first] = lines[first][: string.col_offset] + b'""' + (after if first == last else b"")
        for number in range(first + 1, last + 1):
            lines[number] = after if number == last else b""
        string.value, string.kind = "", None
    return "\n".join(line.decode() for line in lines)


def _without_comments(text: str) -> str:
    lines = text.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(text, newline="\n").readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    return "\n".join(lines)
