"""Reads a submission's text against the rule book before it runs: findings by line.

It finds what is written plainly, and reports what it cannot read. It is advice: the sandbox and the
verdict on held-out instances keep a submission from cheating.
"""

import ast
from collections.abc import Iterator, Sequence

from tracks.instance import OFFICIAL_SEEDS
from tracks.rules import rulebook
from tracks.rules.contract import contract
from tracks.rules.names import Names, number, text
from tracks.rules.rulebook import Finding, Level, Rule
from tracks.submission import Submission

__all__ = ["Finding", "broken", "check"]

PUBLIC_SEEDS = {seed for seed in vars(OFFICIAL_SEEDS).values() if seed is not None}
LAYOUT = {4096, 4160}
LONGEST = 300
"""Characters of a message."""
BY_NAME = ("getattr", "setattr", "delattr")
TEXT_NAMES = ("operator.attrgetter", "operator.methodcaller")


def check(submission: Submission) -> list[Finding]:
    """Findings in the order of the lines; none for a submission that keeps to its contract."""
    tree = ast.parse(submission.source)
    try:
        reader = _Reader(tree)
        reader.visit(tree)
        return sorted(reader.findings | set(contract(tree)))
    except RecursionError:
        message = "nested too deeply to be read"
        return [Finding(1, "forbidden", "unreadable", message, "write long expressions in parts")]


def broken(submission: Submission) -> list[Finding]:
    """The findings for which no verb runs a file."""
    return [finding for finding in check(submission) if finding.level == "forbidden"]


class _Reader(ast.NodeVisitor):
    """Visits a file in its scopes and collects what breaks a rule."""

    def __init__(self, tree: ast.Module) -> None:
        self.findings: set[Finding] = set()
        self._names = Names(tree)
        self._guards = 0
        stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and _is_stored(n)}
        stored |= {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and _is_stored(n)}
        self._never = {"__name__", "TYPE_CHECKING"} - stored

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for outside in [*node.decorator_list, *_defaults(node.args), node.returns]:
            self._visit(outside)
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                self._visit(argument.annotation)
        self._inside(node, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for default in _defaults(node.args):
            self._visit(default)
        self._inside(node, [node.body])

    def visit_If(self, node: ast.If) -> None:
        if self._is_never(node.test):
            self._guarded(node.orelse)
            return
        self.visit(node.test)
        self._guarded([*node.body, *node.orelse])

    def visit_Try(self, node: ast.Try) -> None:
        if node.handlers:
            self._guarded(node.body)
            rest = [*node.handlers, *node.orelse, *node.finalbody]
        else:
            rest = [*node.body, *node.finalbody]
        for inner in rest:
            self.visit(inner)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._import(node.lineno, alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level:
            self._found(
                node.lineno, f"from {'.' * node.level}{node.module or ''}", rulebook.ONE_FILE
            )
            return
        module = node.module or ""
        for alias in node.names:
            path = f"{module}.{alias.name}"
            if not self._import(node.lineno, module):
                self._imported(node.lineno, path, alias.name)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        path = self._names.path(node)
        if path:
            self._path(node.lineno, path)
            return
        self._name(node.lineno, node.attr)
        self.visit(node.value)

    def visit_Name(self, node: ast.Name) -> None:
        path = self._names.path(node)
        if isinstance(node.ctx, ast.Load) and path:
            self._path(node.lineno, path)
            if path in self._names.modules and not rulebook.rule_for(path):
                self._unreadable(node.lineno, f"the module {path} is handed on")

    def visit_Assign(self, node: ast.Assign) -> None:
        path = self._names.path(node.value)
        followed = path in self._names.modules and self._names.path(node.targets[0]) == path
        if not followed:
            self.visit(node.value)
        for target in node.targets:
            self.visit(target)

    def visit(self, node: ast.AST) -> None:
        value = number(node)
        if isinstance(node, ast.expr) and value in PUBLIC_SEEDS:
            message = f"{value} is a public seed of the benchmark"
            self._add(node.lineno, "forbidden", "seeds", message, "use another number")
        super().visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if type(node.value) is int and node.value in LAYOUT:
            message = f"{node.value}: the layout of the token identifiers must not be used"
            self._add(node.lineno, "suspect", "contract", message)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        written = text(node.slice)
        if isinstance(node.value, ast.Attribute) and node.value.attr == "__dict__" and written:
            self._member(node.lineno, node.value.value, written)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        line, function, arguments = node.lineno, node.func, list(node.args)
        path = self._names.path(function) or ""
        name = path.removeprefix("builtins.")
        unseeded = not (arguments or node.keywords) or _is_none(arguments)
        if unseeded and (path in rulebook.SEED_WANTED or _method(function) == "seed"):
            self._found(line, f"{path or 'seed'}() without a seed", rulebook.ENTROPY)
        if path == "logging.basicConfig" and any(k.arg == "filename" for k in node.keywords):
            self._found(line, "logging to a file", rulebook.FILES)
        if name in BY_NAME and len(arguments) > 1:
            written = text(arguments[1])
            if written is None:
                self._unreadable(line, f"{name} with a name that is not written here")
            else:
                self._member(line, arguments[0], written)
                if self._names.path(arguments[0]):
                    arguments = arguments[1:]
        elif name == "hasattr":
            arguments = []
        elif path in TEXT_NAMES or _method(function) in ("__getattribute__", "__getattr__"):
            for argument in arguments:
                for word in (text(argument) or "").split("."):
                    self._name(line, word)
        elif isinstance(function, ast.Call | ast.Subscript) and not path:
            self._unreadable(line, "the function called here depends on values, and cannot be read")
        for inner in [function, *arguments, *(keyword.value for keyword in node.keywords)]:
            self.visit(inner)

    def _inside(self, node: ast.AST, body: Sequence[ast.AST]) -> None:
        self._names.enter(node)
        for inner in body:
            self.visit(inner)
        self._names.leave()

    def _guarded(self, body: Sequence[ast.AST]) -> None:
        self._guards += 1
        for inner in body:
            self.visit(inner)
        self._guards -= 1

    def _visit(self, node: ast.AST | None) -> None:
        if node is not None:
            self.visit(node)

    def _is_never(self, test: ast.expr) -> bool:
        """Whether a test is false in every run, and nothing in the file changes that."""
        match test:
            case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[right]):
                return "__name__" in self._never and text(right) == "__main__"
        path = self._names.path(test)
        return path == "typing.TYPE_CHECKING" and "TYPE_CHECKING" in self._never

    def _import(self, line: int, module: str) -> bool:
        """Whether the import itself breaks a rule."""
        rule = rulebook.rule_for_import(module)
        if rule:
            self._found(line, f"imports {module}", rule)
        return rule is not None

    def _imported(self, line: int, path: str, name: str) -> None:
        """A name taken out of a module: its use counts, if it is not one that says enough."""
        rule = rulebook.rule_for(path)
        if name == "*":
            restricted = rulebook.rule_for(path.removesuffix(".*"))
            if restricted:
                self._found(line, f"imports {path}", restricted)
            else:
                self._unreadable(line, f"imports {path}: name what is used")
        elif rule is rulebook.FILES and name in rulebook.REEXPORTED:
            self._found(line, path, rule)
        elif name in rulebook.NAMES:
            self._found(line, path, rulebook.NAMES[name])

    def _path(self, line: int, path: str) -> None:
        if path == "builtins.locals" and self._names.in_function:
            return  # the arguments of a constructor, mostly
        rule = rulebook.rule_for(path)
        if rule:
            self._found(line, path.removeprefix("builtins."), rule)
            return
        for word in path.split(".")[1:]:
            self._name(line, word)

    def _member(self, line: int, owner: ast.expr, name: str) -> None:
        """An attribute that is named in a string."""
        path = self._names.path(owner)
        if path:
            self._path(line, f"{path}.{name}")
        else:
            self._name(line, name)

    def _name(self, line: int, name: str) -> None:
        """An attribute of what is not known here."""
        rule = rulebook.NAMES.get(name)
        if rule or name in rulebook.REEXPORTED:
            self._found(line, name, rule or rulebook.FILES)

    def _found(self, line: int, what: str, rule: Rule) -> None:
        level = rule.guarded if self._guards and rule.guarded else rule.level
        self._add(line, level, rule.name, f"{what}: {rule.reason}", rule.remedy)

    def _unreadable(self, line: int, message: str) -> None:
        self._add(line, "suspect", "unreadable", message)

    def _add(self, line: int, level: Level, rule: str, message: str, remedy: str = "") -> None:
        # a name may be a string of the file's, and that anything
        shown = "".join(c if c.isprintable() else "?" for c in message[:LONGEST])
        self.findings.add(Finding(line, level, rule, shown, remedy))


def _defaults(arguments: ast.arguments) -> Iterator[ast.expr]:
    yield from arguments.defaults
    yield from (default for default in arguments.kw_defaults if default)


def _is_stored(node: ast.Name | ast.Attribute) -> bool:
    return not isinstance(node.ctx, ast.Load)


def _is_none(arguments: Sequence[ast.expr]) -> bool:
    return bool(arguments) and isinstance(arguments[0], ast.Constant) and arguments[0].value is None


def _method(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else ""
