"""Names in a function: the rules it uses, what it keeps in its state, what it changes in place."""

import ast
import builtins
import symtable
from collections.abc import Iterator

from search_space.rule_source import definitions, needed

LIBRARY = {"torch", "math", "Tensor"}


def rules_in(source: str, tree: ast.Module, node: ast.FunctionDef) -> frozenset[str]:
    """The rules that a function of the module `source` uses, by name.

    ValueError where it uses anything else but torch, math, Tensor and what is built in; where the
    module has something other than the rule by its name; where a variable is called as a rule.
    """
    scopes = list(_scopes(source, node))
    symbols = [symbol for scope in scopes for symbol in scope.get_symbols()]
    used = {symbol.get_name() for symbol in symbols if symbol.is_global()}
    known = definitions()
    if foreign := used - LIBRARY - set(known) - set(dir(builtins)):
        raise ValueError(
            f"{node.name} uses {', '.join(sorted(foreign))}; a mechanism stands by itself, with "
            "torch, math, Tensor and functions of search_space.rules"
        )
    variables = {symbol.get_name() for symbol in symbols if symbol.is_local()}
    if shadows := variables & set(known):
        raise ValueError(f"{node.name}: its variable {min(shadows)} is called as a rule is")
    if any(isinstance(n, ast.Import | ast.ImportFrom) for n in ast.walk(node)):
        raise ValueError(f"{node.name} imports something; torch and math are there already")
    rules = frozenset(used & set(known))
    behind = needed(rules)
    for name, there in _top_level(tree):
        if name in known and known[name] in behind and not _same(there, known[name].source):
            raise ValueError(
                f"{node.name} uses {name}, which is not what search_space.rules has by that name"
            )
    return rules


def keys_in(tree: ast.AST) -> frozenset[str]:
    """What a function calls the things in its `state`, where it says so plainly.

    ValueError where it hands the state on to a rule that keeps things there for other parts.
    """
    keys: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and _is_state(node.value):
            keys.append(node.slice)
        elif isinstance(node, ast.Compare) and any(map(_is_state, node.comparators)):
            keys.append(node.left)
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and _is_state(node.func.value):
                keys += node.args[:1]
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            if any(map(_is_state, given)):
                called = ast.unparse(node.func)
                if called != "remembered":
                    raise ValueError(
                        f"{called} is handed the state, and may keep there what parts keep as "
                        "well; only remembered may be"
                    )
                keys += node.args[1:2]
    values = (key.value for key in keys if isinstance(key, ast.Constant))
    return frozenset(value for value in values if isinstance(value, str))


def overwritten_in(tree: ast.AST) -> frozenset[str]:
    """Variables changed by methods such as `mul_`, by `+=` and by assignments into them."""
    changed: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            changed += [node.func.value] if name.endswith("_") and name[-2:] != "__" else []
        elif isinstance(node, ast.AugAssign):
            changed.append(node.target)
        elif isinstance(node, ast.Assign):
            changed += [t for t in node.targets if isinstance(t, ast.Subscript)]
    return frozenset(name for name in map(_variable, changed) if name)


def _scopes(source: str, node: ast.FunctionDef) -> Iterator[symtable.SymbolTable]:
    """Of the function, and of what is defined inside it."""
    module = symtable.symtable(source, "submission.py", "exec")
    place = (node.name, node.lineno)
    waiting = [t for t in module.get_children() if (t.get_name(), t.get_lineno()) == place]
    while waiting:
        scope = waiting.pop()
        yield scope
        waiting += scope.get_children()


def _top_level(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """What a module defines, by name."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((alias.asname or alias.name, node) for alias in node.names)
        else:
            stored = (n for n in ast.walk(node) if isinstance(getattr(n, "ctx", None), ast.Store))
            yield from ((n.id, node) for n in stored if isinstance(n, ast.Name))


def _same(one: ast.stmt, other: str) -> bool:
    return ast.dump(one) == ast.dump(ast.parse(other).body[0])


def _is_state(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "state"


def _variable(node: ast.expr) -> str:
    """The one that an expression such as `update.T[0]` is a view of; empty where it is of none."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
