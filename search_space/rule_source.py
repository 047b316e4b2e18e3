"""The source of the functions of `search_space.rules`, with the names that each needs."""

import ast
import functools
import importlib
import inspect
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass

from search_space import rules

MODULES = {
    "collections.abc": ("Callable", "Iterable", "Sequence"),
    "types": ("EllipsisType",),
    "torch": ("Tensor",),
    "torch.optim.optimizer": ("ParamsT",),
}
"""What rules import from where, in the order of a file; `math` and `torch` come as modules."""


@dataclass(frozen=True)
class Definition:
    """A function, class or constant: its source, the names it uses, and where it stands."""

    source: str
    uses: frozenset[str]
    is_constant: bool


@functools.cache
def definitions() -> dict[str, Definition]:
    """Everything that the modules of `rules` define at the top level, in their order."""
    found: dict[str, Definition] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(rules.__path__)):
        text = inspect.getsource(importlib.import_module(f"{rules.__name__}.{module}"))
        lines = text.splitlines()
        for node in ast.parse(text).body:
            if isinstance(node, ast.Assign):
                name, first = ast.unparse(node.targets[0]), node.lineno
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                decorators = [decorator.lineno for decorator in node.decorator_list]
                name, first = node.name, min([node.lineno, *decorators])
            else:
                continue
            while first > 1 and lines[first - 2].startswith("#"):
                first -= 1
            source = "\n".join(lines[first - 1 : node.end_lineno])
            found[name] = Definition(source, names_in(source), isinstance(node, ast.Assign))
    return found


def names_in(source: str) -> frozenset[str]:
    """Names that a piece of code reads, calls or sets."""
    return frozenset(n.id for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name))


def needed(names: Iterable[str]) -> list[Definition]:
    """The definitions behind `names` and all that these use, in the order of the library."""
    known = definitions()
    wanted: set[str] = set()
    new = set(names) & set(known)
    while new:
        wanted |= new
        new = {use for name in new for use in known[name].uses if use in known} - wanted
    return [definition for name, definition in known.items() if name in wanted]


def imports(source: str) -> str:
    """Import lines for the names that a module's body uses, as ruff sorts them."""
    used = names_in(source)
    standard, torch = ["import math"] if "math" in used else [], ["import torch"]
    for module, names in MODULES.items():
        if found := [name for name in names if name in used]:
            lines = torch if module.startswith("torch") else standard
            lines.append(f"from {module} import {', '.join(found)}")
    return "\n\n".join("\n".join(lines) for lines in (standard, torch) if lines)
