"""What a name means in a file, scope by scope: the dotted path of the object it is bound to."""

import ast
import operator
import re
import string
from collections.abc import Callable, Iterator

SIGNS: dict[type[ast.AST], Callable[[int], int]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}
ARITHMETIC: dict[type[ast.AST], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.LShift: lambda value, by: value << by if 0 <= by < 64 else 0,
    ast.Pow: lambda value, by: value**by if 0 <= by < 64 else 0,
}
LARGEST = 2**64
TEXT_NAMES = ("operator.attrgetter", "operator.methodcaller")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
Scope = dict[str, str | None]


class Names:
    """The scopes around a node. A name is a module's path, `builtins.NAME`, or of the file's own.

    Order of statements is not followed: a name that is imported anywhere in a scope is the import.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._scopes: list[Scope] = []
        self.modules: set[str] = set()
        self.enter(tree)

    def enter(self, node: ast.AST) -> None:
        """Go into a module or a function."""
        scope: Scope = {}
        self._scopes.append(scope)
        inside = list(_of_this_scope(node))
        outer = {
            name for n in inside if isinstance(n, ast.Global | ast.Nonlocal) for name in n.names
        }
        for inner in inside:
            scope |= {name: None for name in _bound(inner) if name not in outer}
        for inner in inside:
            scope |= self._imported(inner)
        for inner in inside:
            match inner:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    same = isinstance(value, ast.Name) and value.id == name
                    alias = self._outside(name) if same else self.path(value)
                    if alias:
                        scope[name] = alias

    @property
    def in_function(self) -> bool:
        return len(self._scopes) > 1

    def leave(self) -> None:
        self._scopes.pop()

    def path(self, node: ast.expr) -> str | None:
        """The dotted path of an expression; None where it is of the file's own, or computed."""
        match node:
            case ast.Name(id=name):
                if name in self._scopes[-1]:
                    return self._scopes[-1][name]
                return self._outside(name)
            case ast.Attribute(value=value, attr=attr):
                base = self.path(value)
                return f"{base}.{attr}" if base else None
            case ast.Call(func=ast.Name(id="getattr"), args=[value, name, *_]):
                base, written = self.path(value), text(name)
                return f"{base}.{written}" if base and written else None
        return None

    def _outside(self, name: str) -> str | None:
        """What a name means around the innermost scope."""
        for scope in reversed(self._scopes[:-1]):
            if name in scope:
                return scope[name]
        return f"builtins.{name}"

    def _imported(self, node: ast.AST) -> Scope:
        found: Scope = {}
        if isinstance(node, ast.Import):
            for alias in node.names:
                path = alias.name if alias.asname else alias.name.split(".")[0]
                found[alias.asname or path] = path
                self.modules.add(path)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        return found


def text(node: ast.expr) -> str | None:
    """The string that is written here, in one piece or in several; None where it is not."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = text(node.left), text(node.right)
        return None if left is None or right is None else left + right
    if isinstance(node, ast.Constant):
        return node.value.decode("latin-1") if isinstance(node.value, bytes) else str(node.value)
    return None


def named_in_texts(call: ast.Call, path: str) -> list[str]:
    """Names of attributes that a call gets in its texts, or in the text that it formats."""
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    texts = [text(argument) or "" for argument in call.args]
    if path in TEXT_NAMES or method in ("__getattribute__", "__getattr__"):
        return ".".join(texts).split(".")
    if method in ("format", "format_map", "get_field", "vformat"):
        formatted = [text(call.func.value) or ""] if isinstance(call.func, ast.Attribute) else []
        bare = [f"{{{one}}}" for one in texts if method == "get_field"]
        return [name for one in [*formatted, *texts, *bare] for name in _formatted(one)]
    return []


def _formatted(written: str) -> Iterator[str]:
    """Names of the attributes that a format string reads."""
    try:
        for _, field, inner, _ in string.Formatter().parse(written):
            yield from re.findall(r"\.(\w+)", field or "")
            yield from _formatted(inner or "")
    except ValueError:
        return


def number(node: ast.AST) -> int | None:
    """The whole number that is written here, also as a sum, or as `int(text, base)`."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return int(value) if value % 1 == 0 else None
        case ast.UnaryOp(op=op, operand=operand) if type(op) in SIGNS:
            inner = number(operand)
            return None if inner is None else SIGNS[type(op)](inner)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            one, other = number(left), number(right)
            if one is None or other is None or max(abs(one), abs(other)) > LARGEST:
                return None
            return ARITHMETIC[type(op)](one, other)
        case ast.Call(func=ast.Name(id="int" | "float"), args=[written, *base]):
            try:
                if base:
                    return int(text(written) or "", number(base[0]) or 10)
                return int(float(text(written) or ""))
            except (ValueError, OverflowError):
                return None
    return None


def _of_this_scope(node: ast.AST) -> Iterator[ast.AST]:
    """Nodes of a module or function, without those inside of its functions and classes."""
    body = node.body if isinstance(node, (ast.Module, *FUNCTIONS)) else []
    todo: list[ast.AST] = [*body] if isinstance(body, list) else [body]
    if isinstance(node, FUNCTIONS):
        todo.insert(0, node.args)
    todo.reverse()
    while todo:
        inner = todo.pop()
        yield inner
        if isinstance(inner, FUNCTIONS):
            continue
        children = list(ast.iter_child_nodes(inner))
        if isinstance(inner, ast.ClassDef):
            children = [n for n in children if isinstance(n, ast.Import | ast.ImportFrom)]
        todo.extend(reversed(children))


def _bound(node: ast.AST) -> Iterator[str]:
    """Names that a node binds to something of the file's own."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.arg(arg=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
            yield name
        case ast.ImportFrom(level=level, names=names) if level:
            yield from (alias.asname or alias.name for alias in names)
