"""Defaults of free-form code, which is only read here and never run.

    CLIP = 1.0

    class Muon(torch.optim.SGD):
        def __init__(self, params, momentum=0.95, nesterov: bool = True):
            super().__init__(params, momentum=momentum, weight_decay=0.1)

    Submission = Muon

has four: the arguments `momentum` and `nesterov` of its constructor, the setting `weight_decay`
that it hands to its base class, and the constant `CLIP` of the module.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

Place = Literal["argument", "setting", "constant"]


@dataclass(frozen=True)
class Default:
    """A value that is written in the code as a literal; `start` and `end` are its bytes."""

    name: str
    place: Place
    value: object
    start: int
    end: int


def defaults(source: str) -> dict[str, Default]:
    """By name: arguments and settings of the constructor in their order, then constants.

    The constructor is that of `Submission`, or the one that it inherits from a class of the file.
    """
    tree = ast.parse(source)
    made = constructor(tree)
    of_class = [*_arguments(made.args), *_settings(made)] if made else []
    found = [*of_class, *_constants(tree)]
    sizes = [len(line) for line in source.encode().splitlines(keepends=True)]
    starts = [0, *accumulate(sizes)]
    known: dict[str, Default] = {}
    for name, place, node in found:
        try:
            value = ast.literal_eval(node)
        except (ValueError, TypeError):
            continue
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        known.setdefault(name, Default(name, place, value, start, end))
    return known


def with_defaults(source: str, values: Mapping[str, str]) -> str:
    """The same code with these literals as the defaults of these names.

    Raises ValueError for a name that has no default.
    """
    known = defaults(source)
    if unknown := sorted(values.keys() - known.keys()):
        there = ", ".join(known) or "none"
        raise ValueError(f"no default named {', '.join(unknown)}; there are: {there}")
    text = source.encode()
    # from the last to the first, so that the places before stay where they are
    for one in sorted((known[name] for name in values), key=lambda one: -one.start):
        text = text[: one.start] + values[one.name].encode() + text[one.end :]
    return text.decode()


def constructor(tree: ast.Module) -> ast.FunctionDef | None:
    """`__init__` of Submission, or of its first base in the file that has one."""
    classes: dict[str, ast.ClassDef] = {}
    for node in tree.body:
        match node:
            case ast.ClassDef(name=name):
                classes[name] = node
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=of)) if of in classes:
                classes[name] = classes[of]
    todo, seen = ["Submission"], set()
    while todo:
        name = todo.pop(0)
        if name in seen or name not in classes:
            continue
        seen.add(name)
        methods = [one for one in classes[name].body if isinstance(one, ast.FunctionDef)]
        # as in Python, the last one counts
        if made := [one for one in methods if one.name == "__init__"]:
            return made[-1]
        todo[:0] = [base.id for base in classes[name].bases if isinstance(base, ast.Name)]
    return None


def _arguments(given: ast.arguments) -> Iterator[tuple[str, Place, ast.expr]]:
    positional = [*given.posonlyargs, *given.args]
    optional = positional[len(positional) - len(given.defaults) :]
    named = [argument.arg for argument in (*optional, *given.kwonlyargs)]
    for name, node in zip(named, [*given.defaults, *given.kw_defaults], strict=True):
        if node:
            yield name, "argument", node


def _settings(made: ast.FunctionDef) -> Iterator[tuple[str, Place, ast.expr]]:
    """Keyword arguments of `super().__init__`."""
    for node in ast.walk(made):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"),
                keywords=given,
            ):
                yield from ((one.arg, "setting", one.value) for one in given if one.arg)


def _constants(tree: ast.Module) -> Iterator[tuple[str, Place, ast.expr]]:
    """Names in capitals that the module assigns once."""
    assigned: dict[str, list[ast.expr]] = {}
    for node in tree.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ) if name.isupper():
                assigned.setdefault(name, []).append(value)
    for name, values in assigned.items():
        if len(values) == 1:
            yield name, "constant", values[0]
