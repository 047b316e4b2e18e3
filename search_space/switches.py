"""Switches of free-form code: keyword arguments of Submission that are True by default.

    class Submission(torch.optim.Optimizer):
        def __init__(self, params, cautious=True, average: bool = True):

declares two switches, `cautious` and `average`. The code is only read here, never run.
"""

import ast
from collections.abc import Collection


def switches(source: str) -> list[str]:
    """Names of the arguments of `Submission.__init__` whose default is True, in their order."""
    return list(_defaults(source))


def switch_off(source: str, names: Collection[str]) -> str:
    """The same code with these switches False by default.

    Raises ValueError for a name that is no switch.
    """
    places = _defaults(source)
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


def _defaults(source: str) -> dict[str, ast.Constant]:
    defaults: dict[str, ast.expr | None] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and node.name == "Submission":
            defaults = {}
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                    # as in Python, the last one counts
                    defaults = _by_name(method.args)
    return {
        name: default
        for name, default in defaults.items()
        if isinstance(default, ast.Constant) and default.value is True
    }


def _by_name(arguments: ast.arguments) -> dict[str, ast.expr | None]:
    positional = [*arguments.posonlyargs, *arguments.args]
    optional = positional[len(positional) - len(arguments.defaults) :]
    names = [argument.arg for argument in (*optional, *arguments.kwonlyargs)]
    return dict(zip(names, [*arguments.defaults, *arguments.kw_defaults], strict=True))
