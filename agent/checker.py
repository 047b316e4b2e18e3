"""The rules, read off a submission's text before it runs: findings by line.

A reading finds what is written plainly, and says where it cannot read. It is no sandbox: what keeps
a submission from cheating is where it runs, and the verdict on fresh instances.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tracks.instance import OFFICIAL_SEEDS
from tracks.submission import Submission

Level = Literal["forbidden", "suspect"]

ALLOWED_IMPORTS = {
    "__future__", "abc", "collections", "contextlib", "copy", "dataclasses", "enum", "functools",
    "itertools", "math", "numbers", "numpy", "operator", "statistics", "torch", "types", "typing",
    "warnings",
}  # fmt: skip
FORBIDDEN_TORCH = {
    "_C", "distributed", "hub", "jit", "library", "load", "multiprocessing", "ops", "package",
    "save", "serialization", "storage", "utils.cpp_extension", "utils.data",
}  # fmt: skip
RANDOM_STATE = {
    "default_generator", "fork_rng", "get_rng_state", "initial_seed", "set_rng_state",
}  # fmt: skip
FILES_AND_PROCESSES = {
    "breakpoint", "from_file", "fromfile", "genfromtxt", "input", "load", "loadtxt", "memmap",
    "open", "save", "savez", "tofile",
}  # fmt: skip
MODULES = {
    "_C", "builtins", "cpp_extension", "ctypes", "hub", "importlib", "os", "shutil", "socket",
    "subprocess", "sys",
}  # fmt: skip
RUNS_TEXT = {"compile", "eval", "exec", "__import__"}
BACKWARD = {"autograd", "backward", "functional_call", "grad_fn", "next_functions"}
BEYOND = {
    "__builtins__", "__closure__", "__code__", "__globals__", "__subclasses__", "_getframe",
    "f_back", "f_globals", "f_locals", "gc", "get_objects", "get_referrers", "globals", "locals",
    "vars",
}  # fmt: skip
HOOKS = {"register_forward_hook", "register_full_backward_hook", "register_hook"}
MODELS = {"Embedding", "Linear", "Module", "MultiheadAttention", "scaled_dot_product_attention"}
PUBLIC_SEEDS = {seed for seed in vars(OFFICIAL_SEEDS).values() if seed is not None}
LAYOUT = {4096, 4160}


@dataclass(frozen=True, order=True)
class Finding:
    """`forbidden` breaks a rule; `suspect` is for a person to look at."""

    line: int
    level: Level
    rule: str
    message: str


def check(submission: Submission) -> list[Finding]:
    """Findings in the order of the lines; none for a submission that keeps to its contract."""
    tree = ast.parse(submission.source)
    return sorted(set(_contract(tree)) | {f for node in ast.walk(tree) for f in _node(node)})


def _contract(tree: ast.Module) -> Iterator[Finding]:
    classes = [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and n.name == "Submission"]
    if not classes:
        message = "no class Submission; expected a subclass of torch.optim.Optimizer"
        yield Finding(1, "forbidden", "contract", message)
    for node in classes:
        if not node.bases:
            message = "Submission has no base class; expected torch.optim.Optimizer"
            yield Finding(node.lineno, "forbidden", "contract", message)


def _node(node: ast.AST) -> Iterator[Finding]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from _import(node.lineno, alias.name)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield from _import(node.lineno, f"{node.module or '.'}.{alias.name}", node.level)
    elif isinstance(node, ast.Attribute):
        yield from _name(node.lineno, node.attr)
        if node.attr in MODULES:
            message = f".{node.attr} reaches files, processes or other code through a module"
            yield Finding(node.lineno, "forbidden", "files and processes", message)
        yield from _torch(node)
    elif isinstance(node, ast.Name):
        yield from _name(node.lineno, node.id)
    elif isinstance(node, ast.Constant):
        yield from _constant(node)
    elif isinstance(node, ast.Call):
        yield from _call(node)


def _import(line: int, name: str, level: int = 0) -> Iterator[Finding]:
    top = name.split(".")[0]
    if level or top not in ALLOWED_IMPORTS:
        message = f"imports {name}; allowed are torch, numpy and a few quiet standard modules"
        yield Finding(line, "forbidden", "import", message)
    elif name.endswith(".*"):
        yield Finding(line, "suspect", "unreadable", f"imports {name}: name what is used")
    elif top == "torch":
        yield from _torch_path(line, name.removeprefix("torch").lstrip("."))
        yield from _name(line, name.rsplit(".", 1)[-1])


def _torch(node: ast.Attribute) -> Iterator[Finding]:
    path, value = [node.attr], node.value
    while isinstance(value, ast.Attribute):
        path.insert(0, value.attr)
        value = value.value
    if isinstance(value, ast.Name) and value.id == "torch":
        yield from _torch_path(node.lineno, ".".join(path))


def _torch_path(line: int, path: str) -> Iterator[Finding]:
    if any(path == name or path.startswith(f"{name}.") for name in FORBIDDEN_TORCH):
        message = f"torch.{path} reaches files, processes or other code"
        yield Finding(line, "forbidden", "files and processes", message)


def _name(line: int, name: str) -> Iterator[Finding]:
    if name in RANDOM_STATE:
        message = f"{name}: seeds and random states are the harness's"
        yield Finding(line, "forbidden", "seeds", message)
    if name in ("manual_seed", "seed"):
        message = f"{name}: a seed of its own; is anything of the benchmark rebuilt from it?"
        yield Finding(line, "suspect", "seeds", message)
    if name in BACKWARD:
        message = f"{name}: the harness alone runs forward and backward, once a step"
        yield Finding(line, "forbidden", "one forward-backward", message)
    if name in BEYOND:
        message = f"{name} reaches beyond the parameters and gradients"
        yield Finding(line, "forbidden", "contract", message)
    if name in RUNS_TEXT:
        yield Finding(line, "forbidden", "unreadable", f"{name} runs what cannot be read here")
    if name in MODELS:
        message = f"{name}: a submission has no model; is one rebuilt here?"
        yield Finding(line, "suspect", "contract", message)
    if name in HOOKS:
        yield Finding(line, "forbidden", "contract", f"{name} listens in on the model")


def _constant(node: ast.Constant) -> Iterator[Finding]:
    if type(node.value) is not int:
        return
    if node.value in PUBLIC_SEEDS:
        message = f"{node.value} is a public seed of the benchmark"
        yield Finding(node.lineno, "forbidden", "seeds", message)
    if node.value in LAYOUT:
        message = f"{node.value}: the layout of the token identifiers must not be used"
        yield Finding(node.lineno, "suspect", "contract", message)


def _call(node: ast.Call) -> Iterator[Finding]:
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name in FILES_AND_PROCESSES:
        message = f"{name}() reads or writes outside of the optimizer"
        yield Finding(node.lineno, "forbidden", "files and processes", message)
    if name in ("getattr", "setattr", "delattr", "hasattr") and len(node.args) > 1:
        written = _text(node.args[1])
        if written is None:
            message = f"{name} with a name that is not written here"
            yield Finding(node.lineno, "suspect", "unreadable", message)
        else:
            yield from _name(node.lineno, written)
    elif isinstance(function, (ast.Call, ast.Subscript)):
        message = "what is called here depends on values, and cannot be read"
        yield Finding(node.lineno, "suspect", "unreadable", message)


def _text(node: ast.expr) -> str | None:
    """The string that is written here, in one piece or in several; None where it is not."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left), _text(node.right)
        return None if left is None or right is None else left + right
    if isinstance(node, ast.Constant):
        return str(node.value)
    return None
