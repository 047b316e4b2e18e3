"""A mechanism of free-form code: one function that stands by itself. It is read, never run."""

import ast
from dataclasses import dataclass

from search_space.adoption.names import keys_in, overwritten_in, rules_in
from search_space.adoption.text import MechanismText, read_text

ARGUMENTS = {
    "value": "Tensor",
    "grad": "Tensor",
    "update": "Tensor",
    "state": "dict[str, Tensor]",
    "block": '"Block"',
    "blocks": 'Sequence["Block"]',
    "lr": "float",
    "t": "int",
    "x": "float",
}
"""What an update may be made of, as `Part` explains it, with types that need no order of rules."""
LONGEST_LINE = 100


@dataclass(frozen=True)
class Mechanism:
    """A function that gives a new update, or a new gradient.

    `arguments` are the positional ones. `body` is its text from the docstring on. `rules` are the
    names of `search_space.rules` that it uses, `keys` those under which it keeps something in its
    state, `overwritten` the tensors that it changes in place.
    """

    text: MechanismText
    arguments: tuple[str, ...]
    body: str
    rules: frozenset[str]
    keys: frozenset[str]
    overwritten: frozenset[str]


def read_mechanism(source: str, function: str, cited: str = "") -> Mechanism:
    """The top-level `function` of a module; `cited` is its source, in place of its docstring's.

    ValueError says in one line why it is no mechanism; SyntaxError where the text is no Python.
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    tree = ast.parse(source)
    node = _function(tree, function)
    arguments, body = _positional(node), _body(source, node)
    overwritten = overwritten_in(node)
    if "value" in overwritten:
        raise ValueError(f"{function} changes value in place; it may only return a new update")
    return Mechanism(
        text=read_text(node, _numbers(node), cited),
        arguments=arguments,
        body=body,
        rules=rules_in(source, tree, node),
        keys=keys_in(node),
        overwritten=overwritten & {"grad", "update"},
    )


def _function(tree: ast.Module, name: str) -> ast.FunctionDef:
    found = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name]
    if not found:
        raise ValueError(
            f"no function {name} at the top level; a mechanism is a switch and a function of that "
            "name"
        )
    node = found[-1]
    if node.decorator_list:
        raise ValueError(f"{name} has a decorator; expected a plain function")
    if not any(isinstance(n, ast.Return) and n.value for n in ast.walk(node)):
        raise ValueError(f"{name} returns nothing; expected the new update")
    return node


def _positional(node: ast.FunctionDef) -> tuple[str, ...]:
    names = tuple(argument.arg for argument in (*node.args.posonlyargs, *node.args.args))
    known = ", ".join(ARGUMENTS)
    if unknown := [name for name in names if name not in ARGUMENTS]:
        raise ValueError(f"{node.name}: no argument may be called {unknown[0]}, only {known}")
    if not names or node.args.defaults or node.args.vararg or node.args.kwarg:
        raise ValueError(
            f"{node.name}: expected arguments out of {known}, without defaults, and its numbers "
            "as keyword-only ones"
        )
    return names


def _numbers(node: ast.FunctionDef) -> dict[str, float]:
    """The keyword-only arguments with their defaults."""
    numbers = {}
    for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
        name = argument.arg
        if name in ARGUMENTS:
            raise ValueError(f"{node.name}: {name} is no number; it goes before the *")
        try:
            number = ast.literal_eval(default) if default else None
        except ValueError:
            number = None
        if not isinstance(number, float):
            raise ValueError(f"{node.name}: {name} needs a float as its default, such as 0.1")
        numbers[name] = number
    return numbers


def _body(source: str, node: ast.FunctionDef) -> str:
    lines, first = source.split("\n"), node.body[0]
    if lines[first.lineno - 1][: first.col_offset].strip():
        raise ValueError(f"{node.name}: expected its body on lines of its own")
    body = lines[first.lineno - 1 : node.end_lineno]
    if any(len(line) > LONGEST_LINE for line in body):
        raise ValueError(f"{node.name} has a line of over {LONGEST_LINE} characters")
    return "\n".join(body)
