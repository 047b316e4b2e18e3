"""Checks the text of a submission's class: can the harness build it and step it?"""

import ast
import re
from collections.abc import Iterator, Mapping

from tracks.rules.rulebook import Finding

NEVER_CALLED = re.compile(r"hessian|hutchinson|^(first|second)_step$")
"""Methods that a training loop of its own would call for an optimizer."""
KEEPS_SIGNATURE = re.compile(r"no_grad|enable_grad|profile|override|jit|dynamo|use_grad")
Method = ast.FunctionDef | ast.AsyncFunctionDef


def contract(tree: ast.Module) -> Iterator[Finding]:
    """Findings: no class Submission, or one that the harness cannot build and step."""
    classes = {n.name: n for n in ast.walk(tree) if isinstance(n, ast.ClassDef)}
    line, known = _submission(tree, classes)
    if not line:
        message = "no class Submission; expected a subclass of torch.optim.Optimizer"
        yield _broken(1, message, _how_to_name(tree, classes))
    elif known:
        yield from _of_class(known, classes)


def _submission(
    tree: ast.Module, classes: Mapping[str, ast.ClassDef]
) -> tuple[int, ast.ClassDef | None]:
    """Line of the definition, 0 without one, and the class where it is in this file."""
    found: tuple[int, ast.ClassDef | None] = (0, None)
    todo: list[ast.stmt] = list(tree.body)
    while todo:
        match node := todo.pop(0):
            case ast.ClassDef(name="Submission"):
                found = node.lineno, node
            case ast.Assign(targets=targets, value=value) if "Submission" in map(
                ast.unparse, targets
            ):
                found = node.lineno, classes.get(ast.unparse(value))
            case ast.AnnAssign(target=ast.Name(id="Submission"), value=ast.Name(id=name)):
                found = node.lineno, classes.get(name)
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                if any((alias.asname or alias.name) == "Submission" for alias in names):
                    found = node.lineno, None
            case ast.If(body=body, orelse=orelse):
                todo[:0] = [*body, *orelse]
            case ast.Try(body=body, orelse=orelse, handlers=handlers):
                todo[:0] = [*body, *orelse, *(inner for h in handlers for inner in h.body)]
            case ast.FunctionDef(name="Submission"):
                found = 0, None
    return found


def _of_class(node: ast.ClassDef, classes: Mapping[str, ast.ClassDef]) -> Iterator[Finding]:
    if not node.bases:
        message = f"{node.name} has no base class; expected torch.optim.Optimizer"
        yield _broken(node.lineno, message, f"write class {node.name}(torch.optim.Optimizer)")
        return
    methods = _methods(node, classes)
    build, step = methods.get("__init__"), methods.get("step")
    missing = _required(build)[1:] if build else []
    if build and missing:
        message = f"__init__ requires {', '.join(missing)}; the harness builds Submission(params)"
        yield _broken(build.lineno, message, "give every argument but the parameters a default")
    if step and _required(step):
        message = f"step requires {', '.join(_required(step))}; the harness calls step() alone"
        remedy = "give it a default and step without it: one forward and backward pass a step"
        yield _broken(step.lineno, message, remedy)
    called = {
        inner.func.attr
        for one in [node, *classes.values()]
        for inner in ast.walk(one)
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute)
    }
    for name, method in methods.items():
        if NEVER_CALLED.search(name) and name not in called and _is_plain(method):
            message = f"nothing calls {name}(); the harness calls zero_grad() and step() alone"
            yield _broken(method.lineno, message, "let step() do it, from the gradients alone")


def _methods(node: ast.ClassDef, classes: Mapping[str, ast.ClassDef]) -> dict[str, Method]:
    """Own and inherited methods by name, as far as the bases are in the file."""
    found: dict[str, Method] = {}
    todo, seen = [node], set()
    while todo:
        one = todo.pop(0)
        if one.name in seen:
            continue
        seen.add(one.name)
        for inner in one.body:
            if isinstance(inner, Method):
                found.setdefault(inner.name, inner)
        bases = [base.id for base in one.bases if isinstance(base, ast.Name)]
        todo[:0] = [classes[base] for base in bases if base in classes]
    return found


def _required(method: Method) -> list[str]:
    """Arguments without a default, self left out; none where a decorator may change them."""
    if not _is_plain(method):
        return []
    arguments = method.args
    plain = [one.arg for one in [*arguments.posonlyargs, *arguments.args]]
    required = plain[1 : len(plain) - len(arguments.defaults)]
    named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return required + [one.arg for one, default in named if default is None]


def _is_plain(method: Method) -> bool:
    """Whether it is called as it is written; a property, say, is not."""
    return all(KEEPS_SIGNATURE.search(ast.unparse(one)) for one in method.decorator_list)


def _how_to_name(tree: ast.Module, classes: Mapping[str, ast.ClassDef]) -> str:
    """The line that makes an optimizer of the file the submission."""
    optimizers = [
        node.name
        for node in tree.body
        if isinstance(node, ast.ClassDef) and "step" in _methods(node, classes) and node.bases
    ]
    if not optimizers:
        return "write class Submission(torch.optim.Optimizer)"
    others = f" (or another of {', '.join(optimizers)})" if len(optimizers) > 1 else ""
    return f"add the line Submission = {optimizers[0]}{others} at the end"


def _broken(line: int, message: str, remedy: str) -> Finding:
    return Finding(line, "forbidden", "contract", message, remedy)
