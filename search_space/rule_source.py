"""The functions of `search_space.rules` as text, with what each of them needs."""

import ast
import functools
import importlib
import inspect
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass

from search_space import rules

STANDARD = ("math",)
FROM = {
    "Callable": "collections.abc",
    "Iterable": "collections.abc",
    "Sequence": "collections.abc",
    "EllipsisType": "types",
    "Tensor": "torch",
    "ParamsT": "torch.optim.optimizer",
}


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
    """Names that a piece of code reads or calls, also inside quoted annotations."""
    nodes = list(ast.walk(ast.parse(source)))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            names |= {word for word in ("Block",) if word in node.value}
    return frozenset(names)


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
    standard = [f"import {name}" for name in STANDARD if name in used]
    by_module: dict[str, list[str]] = {}
    for name, module in FROM.items():
        if name in used:
            by_module.setdefault(module, []).append(name)
    lines = {m: f"from {m} import {', '.join(sorted(n))}" for m, n in sorted(by_module.items())}
    third_party = [line for module, line in lines.items() if module.startswith("torch")]
    standard += [line for module, line in lines.items() if not module.startswith("torch")]
    blocks = [standard, ["import torch", *third_party]]
    return "\n\n".join("\n".join(block) for block in blocks if block)
