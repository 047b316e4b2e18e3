"""A script of track 3 as a program for tiny_lm: changes of its syntax tree, none of its rules.

What a script says in steps becomes the same fraction of the run; what it says about GPUs, half
precision, its model, its data and its log is replaced. Its optimizers and its loop stay.
"""

import ast
import re
from dataclasses import dataclass, field

COUNTS = re.compile(r"(?i)(^|_)(steps?|start|end|s0|interval|taus?)$")
"""Names of numbers that are steps."""
FEWEST = 13
"""Smaller numbers of steps are kept: they are iterations of a routine, or how often it is done."""
EVALUATIONS = re.compile(r"(?i)^val_\w*(freq|interval)$")
POWER_COEFFICIENT = re.compile(r"(?i)_power_c$")
POWER = 1.2
"""Step size = coefficient * (steps that are left) ** POWER, in the scripts that have such a one."""
REPLACED = {"print0", "GPT", "distributed_data_generator"}


@dataclass(frozen=True)
class Change:
    """`fraction` is steps here for one step there; `values` are the names given another value,
    or products, and `rates` are names multiplied like a step size."""

    fraction: float
    multiplier: float
    values: dict[str, object] = field(default_factory=dict)
    rates: tuple[str, ...] = ()
    keep_half: bool = False
    """Keep half precision, to compare with."""

    def steps(self, count: float) -> int:
        return max(1, round(count * self.fraction))

    def setting(self, name: str, value: str) -> str:
        """A variable of the environment."""
        steps = COUNTS.search(name) and value.isdigit() and int(value) >= FEWEST
        return str(self.steps(int(value))) if steps else value


def adapted(source: str, change: Change) -> ast.Module:
    tree = _Machine(change.keep_half).visit(ast.parse(source))
    return ast.fix_missing_locations(_Constants(change).visit(tree))


class _Machine(ast.NodeTransformer):
    """One CPU in single precision; model, data and log are the caller's."""

    def __init__(self, keep_half: bool) -> None:
        self._keep_half = keep_half

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        return None if node.name in REPLACED else self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST | None:
        return None if node.name in REPLACED else self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> ast.AST | None:
        node.names = [name for name in node.names if name.name != "torch.distributed"]
        return node if node.names else None

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant("cpu") if node.value == "cuda" else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if ast.unparse(node) == "torch.bfloat16" and not self._keep_half:
            node.attr = "float32"
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        half = "torch.bfloat16" in [ast.unparse(a) for a in node.args]
        self.generic_visit(node)
        if not isinstance(node.func, ast.Attribute):
            return node
        if node.func.attr == "cuda" and not node.args:
            return node.func.value
        if self._keep_half:
            return node
        if node.func.attr == "bfloat16":
            node.func.attr = "to"
            node.args, half = [_expression("torch.float32")], True
        if node.func.attr == "to" and half:
            # a change of precision copies, and what follows may write into the copy
            node.keywords.append(ast.keyword("copy", ast.Constant(True)))
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Mod) and ast.unparse(node) == "step % 125":
            node.right = ast.Constant(1)
        return node


class _Constants(ast.NodeTransformer):
    def __init__(self, change: Change) -> None:
        self._change = change

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        self.generic_visit(node)
        if len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            node.value = self._value(node.targets[0].id, node.value)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        product = ast.unparse(node)
        if product in self._change.values:
            return ast.Constant(self._change.values[product])  # type: ignore[arg-type]
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        self.generic_visit(node)
        if node.arg and (node.arg in self._change.values or COUNTS.search(node.arg)):
            node.value = self._value(node.arg, node.value)
        return node

    def visit_arguments(self, node: ast.arguments) -> ast.AST:
        self.generic_visit(node)
        named = node.args[len(node.args) - len(node.defaults) :]
        node.defaults = [
            self._value(arg.arg, value) if COUNTS.search(arg.arg) else value
            for arg, value in zip(named, node.defaults, strict=True)
        ]
        return node

    def _value(self, name: str, value: ast.expr) -> ast.expr:
        change = self._change
        if name in change.values:
            return ast.Constant(change.values[name])  # type: ignore[arg-type]
        if EVALUATIONS.search(name):
            return ast.Constant(1)
        if POWER_COEFFICIENT.search(name) and isinstance(value, ast.Constant):
            return _times(value, change.multiplier * change.fraction**-POWER)
        if name in change.rates:
            if isinstance(value, ast.List):
                value.elts = [_times(each, change.multiplier) for each in value.elts]
                return value
            return _times(value, change.multiplier)
        return _Scaled(change).visit(value) if COUNTS.search(name) else value


class _Scaled(ast.NodeTransformer):
    def __init__(self, change: Change) -> None:
        self._change = change

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, str) and node.value.isdigit() and int(node.value) >= FEWEST:
            return ast.Constant(str(self._change.steps(int(node.value))))
        if type(node.value) in (int, float) and node.value >= FEWEST:  # type: ignore[operator]
            return ast.Constant(self._change.steps(node.value))  # type: ignore[arg-type]
        return node


def _times(value: ast.expr, factor: float) -> ast.expr:
    return ast.BinOp(value, ast.Mult(), ast.Constant(factor))


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
