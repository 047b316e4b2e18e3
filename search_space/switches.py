"""Switches of free-form code: keyword arguments of Submission that are True by default.

    class Submission(torch.optim.Optimizer):
        def __init__(self, params, cautious=True, average: bool = True):

declares two switches, `cautious` and `average`. The code is only read here, never run.
"""

import ast
from collections.abc import Collection


def switches(source: str) -> list[str]:
    """Names of the arguments of `Submission.__init__` whose default is True, in their order."""
    return [name for name, _ in _defaults(source)]


def switch_off(source: str, names: Collection[str]) -> str:
    """The same code with these switches False by default.

    Raises ValueError for a name that is no switch.
    """
    places = dict(_defaults(source))
    unknown = sorted(set(names) - set(places))
    if unknown:
        known = ", ".join(places) or "none"
        raise ValueError(f"no switch named {', '.join(unknown)}; there are: {known}")
    lines = source.encode().splitlines(keepends=True)
    # from the last to the first, so that the places before stay where they are
    off = [node for name, node in places.items() if name in names]
    for node in sorted(off, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        line, start, end = node.lineno - 1, node.col_offset, node.col_offset + len("True")
        lines[line] = lines[line][:start] + b"False" + lines[line][end:]
    return b"".join(lines).decode()


def _defaults(source: str) -> list[tuple[str, ast.Constant]]:
    found: list[tuple[str, ast.expr | None]] = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and node.name == "Submission":
            found = []
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                    # as in Python, the last one counts
                    found = _pairs(method.args)
    return [
        (name, default)
        for name, default in found
        if isinstance(default, ast.Constant) and default.value is True
    ]


def _pairs(arguments: ast.arguments) -> list[tuple[str, ast.expr | None]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    missing = [None] * (len(positional) - len(arguments.defaults))
    defaults = [*missing, *arguments.defaults, *arguments.kw_defaults]
    names = [argument.arg for argument in (*positional, *arguments.kwonlyargs)]
    return list(zip(names, defaults, strict=True))
