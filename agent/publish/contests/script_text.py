"""Changes of a program's text by whole lines, found in its syntax tree."""

import ast
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Definition = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Change:
    """`text` in place of lines `first` to `last`, from 1; before `first` if it is larger."""

    first: int
    last: int
    text: str = ""


def changed(source: str, changes: Iterable[Change]) -> str:
    """The source with all changes, which touch different lines."""
    lines = source.split("\n")
    for change in sorted(changes, key=lambda one: one.first, reverse=True):
        lines[change.first - 1 : change.last] = change.text.split("\n")[:-1]
    return "\n".join(lines)


def removal(node: ast.stmt, source: str) -> Change:
    """Takes a statement away, with the comment right above it and the blank lines below."""
    lines = source.split("\n")
    decorators = node.decorator_list if isinstance(node, Definition) else []
    first = min([node.lineno, *(one.lineno for one in decorators)])
    last = node.end_lineno or node.lineno
    while lines[first - 2].lstrip().startswith("#"):
        first -= 1
    while not lines[first - 2].strip() and last < len(lines) and not lines[last].strip():
        last += 1
    return Change(first, last)


def without_unused(source: str, before: str) -> str:
    """The source without the definitions and imports that are used in `before` and no longer."""
    was_used = set(_uses(ast.parse(before)))
    while True:
        tree = ast.parse(source)
        uses = _uses(tree)
        unused = [
            node
            for node in tree.body
            if (names := _defined(node))
            and all(name in was_used and not uses[name] for name in names)
        ]
        if not unused:
            return source
        source = changed(source, [removal(node, source) for node in unused])


def _defined(node: ast.stmt) -> Sequence[str]:
    if isinstance(node, Definition):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(alias.asname or alias.name).split(".")[0] for alias in node.names]
    return []


def _uses(tree: ast.AST) -> Counter[str]:
    """How often each name is read; a function that calls itself does not count as used."""
    found: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found[node.id] += 1
        if isinstance(node, Definition):
            inner = (n for n in ast.walk(node) if isinstance(n, ast.Name))
            found[node.name] -= sum(one.id == node.name for one in inner)
    return found
