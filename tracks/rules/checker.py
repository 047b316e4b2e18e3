"""Reads a submission's text against the rule book before it runs: findings by line.

It finds what is written plainly, and reports what it cannot read. It is advice: the sandbox and the
verdict on held-out instances keep a submission from cheating.
"""

import ast
from collections.abc import Sequence

from tracks.instance import OFFICIAL_SEEDS
from tracks.printable import visible
from tracks.rules import rulebook
from tracks.rules.contract import contract
from tracks.rules.literals import literals
from tracks.rules.names import Names, named_in_texts, number, text
from tracks.rules.rulebook import Finding, Level, Rule
from tracks.submission import Submission

__all__ = ["Finding", "broken", "check"]

PUBLIC_SEEDS = {seed for seed in vars(OFFICIAL_SEEDS).values() if seed is not None}
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
LAYOUT = {4096, 4160}
LONGEST = 300
"""Characters of a message."""
BY_NAME = ("getattr", "setattr", "delattr")


def check(submission: Submission) -> list[Finding]:
    """Findings in the order of the lines; none for a submission that keeps to its contract."""
    try:
        tree = ast.parse(submission.source)
        reader = _Reader(tree)
        reader.visit(tree)
        return sorted(reader.findings | {*contract(tree), *literals(tree, submission.source)})
    except RecursionError:
        message = "nested too deeply to be read"
        return [Finding(1, "forbidden", "unreadable", message, "write long expressions in parts")]


def broken(submission: Submission) -> list[Finding]:
    """The findings for which no verb runs a file."""
    return [finding for finding in check(submission) if finding.forbidden]


class _Reader(ast.NodeVisitor):
    """Visits a file in its scopes and collects what breaks a rule."""

    def __init__(self, tree: ast.Module) -> None:
        self.findings: set[Finding] = set()
        self._names = Names(tree)
        self._guards = 0
        named = (n for n in ast.walk(tree) if isinstance(n, ast.Name | ast.Attribute))
        stored = {
            n.id if isinstance(n, ast.Name) else n.attr
            for n in named
            if not isinstance(n.ctx, ast.Load)
        }
        self._never = {"__name__", "TYPE_CHECKING"} - stored

    def visit(self, node: ast.AST) -> None:
        value = number(node)
        if isinstance(node, ast.expr) and value in PUBLIC_SEEDS:
            message = f"{value} is a public seed of the benchmark"
            self._add(node.lineno, "forbidden", "seeds", message, "use another number")
        super().visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        arguments = [one for one in ast.walk(node.args) if isinstance(one, ast.arg)]
        self._each([*node.decorator_list, node.returns, *(one.annotation for one in arguments)])
        self._function(node, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._function(node, [node.body])

    def visit_If(self, node: ast.If) -> None:
        if self._is_never(node.test):
            self._guarded(node.orelse)
            return
        self.visit(node.test)
        self._guarded([*node.body, *node.orelse])

    def visit_Try(self, node: ast.Try) -> None:
        if node.handlers:
            self._guarded(node.body)
            self._each([*node.handlers, *node.orelse])
        else:
            self._each(node.body)
        self._each(node.finalbody)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._import(node.lineno, alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module, line = node.module or "", node.lineno
        if node.level:
            self._found(line, f"from {'.' * node.level}{module}", rulebook.ONE_FILE)
            return
        for alias in node.names:
            if not self._import(line, module):
                self._imported(line, module, alias.name)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if path := self._names.path(node):
            self._path(node.lineno, path)
        else:
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
        if path not in self._names.modules or self._names.path(node.targets[0]) != path:
            self.visit(node.value)
        self._each(node.targets)

    def visit_Constant(self, node: ast.Constant) -> None:
        if type(node.value) is int and node.value in LAYOUT:
            message = f"{node.value}: the layout of the token identifiers must not be used"
            self._add(node.lineno, "suspect", "contract", message)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        written = text(node.slice)
        if isinstance(node.value, ast.Attribute) and node.value.attr == "__dict__" and written:
            self._member(node.lineno, node.value.value, written)
        self.generic_visit(node)

    def visit_MatchClass(self, node: ast.MatchClass) -> None:
        for name in node.kwd_attrs:
            self._name(node.lineno, name)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        line, function, arguments = node.lineno, node.func, list(node.args)
        path = self._names.path(function) or ""
        name = path.removeprefix("builtins.")
        method = function.attr if isinstance(function, ast.Attribute) else ""
        none = arguments and isinstance(arguments[0], ast.Constant) and arguments[0].value is None
        unseeded = none or not (arguments or node.keywords)
        if unseeded and (path in rulebook.SEED_WANTED or method == "seed"):
            self._found(line, f"{path or 'seed'}() without a seed", rulebook.ENTROPY)
        if path == "logging.basicConfig" and any(k.arg == "filename" for k in node.keywords):
            self._found(line, "logging to a file", rulebook.FILES)
        if name in BY_NAME and len(arguments) > 1:
            written = text(arguments[1])
            if written is None:
                self._unreadable(line, f"{name} with a name that is not written here")
            else:
                self._member(line, arguments[0], written)
                arguments = arguments[bool(self._names.path(arguments[0])) :]
        elif name == "hasattr":
            arguments = []
        elif named := named_in_texts(node, path):
            for word in named:
                self._name(line, word)
        elif isinstance(function, ast.Call | ast.Subscript) and not path:
            message = "the function called here depends on values, and cannot be read"
            self._unreadable(line, message)
        self._each([function, *arguments, *(keyword.value for keyword in node.keywords)])

    def _each(self, nodes: Sequence[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def _function(self, node: Function, body: Sequence[ast.AST]) -> None:
        """The defaults around a function, then its body in its own scope."""
        self._each([*node.args.defaults, *node.args.kw_defaults])
        self._names.enter(node)
        self._each(body)
        self._names.leave()

    def _guarded(self, body: Sequence[ast.AST]) -> None:
        self._guards += 1
        self._each(body)
        self._guards -= 1

    def _is_never(self, test: ast.expr) -> bool:
        """Whether a test is false in every run, and nothing in the file changes that."""
        match test:
            case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[right]):
                return "__name__" in self._never and text(right) == "__main__"
        path = self._names.path(test)
        return path == "typing.TYPE_CHECKING" and "TYPE_CHECKING" in self._never

    def _import(self, line: int, module: str) -> bool:
        """Whether nothing of the module may be imported."""
        rule = rulebook.rule_for_import(module)
        if rule:
            self._found(line, f"imports {module}", rule)
        return rule not in (None, rulebook.OUTSIDE)

    def _imported(self, line: int, module: str, name: str) -> None:
        """A name taken out of a module: its use counts, unless the name says enough."""
        path, restricted = f"{module}.{name}", rulebook.rule_for(module)
        if name == "*" and restricted:
            self._found(line, f"imports {path}", restricted)
        elif name == "*":
            self._unreadable(line, f"imports {path}: name what is used")
        elif name in rulebook.REEXPORTED and rulebook.rule_for(path) is rulebook.FILES:
            self._found(line, path, rulebook.FILES)
        elif name in rulebook.NAMES:
            self._found(line, path, rulebook.NAMES[name])

    def _path(self, line: int, path: str) -> None:
        if path == "builtins.locals" and self._names.in_function:
            return  # the arguments of a constructor, mostly
        if rule := rulebook.rule_for(path):
            self._found(line, path.removeprefix("builtins."), rule)
            return
        for word in path.split(".")[1:]:
            self._name(line, word)

    def _member(self, line: int, owner: ast.expr, name: str) -> None:
        """An attribute that is named in a string."""
        if path := self._names.path(owner):
            self._path(line, f"{path}.{name}")
        else:
            self._name(line, name)

    def _name(self, line: int, name: str) -> None:
        """An attribute of an unknown object."""
        rule = rulebook.NAMES.get(name)
        if rule or name in rulebook.REEXPORTED:
            self._found(line, name, rule or rulebook.FILES)

    def _found(self, line: int, what: str, rule: Rule) -> None:
        level = rule.guarded if self._guards and rule.guarded else rule.level
        self._add(line, level, rule.name, f"{what}: {rule.reason}", rule.remedy)

    def _unreadable(self, line: int, message: str) -> None:
        self._add(line, "suspect", "unreadable", message)

    def _add(self, line: int, level: Level, rule: str, message: str, remedy: str = "") -> None:
        # a name may be a string of the file, and so any text
        shown = visible(message[:LONGEST], "?")
        self.findings.add(Finding(line, level, rule, shown, remedy))
