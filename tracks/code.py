"""The code that a number depends on: a hash of syntax trees, of a module and all its imports."""

import ast
import hashlib
import importlib.util
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib import metadata
from itertools import accumulate
from pathlib import Path

OURS = __name__.partition(".")[0]
FINDERS = {f"{OURS}.registry"}
"""Modules that find tracks and compute nothing: through them every track would import all."""
LIBRARIES = [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")]


def code_digest(modules: Iterable[str]) -> str:
    """SHA-256 of the code of `modules`, and of the modules of ours that they import, transitively.

    Comments, docstrings and the layout change nothing. Libraries count with their version. A file
    that is edited counts as edited at once, also in a running process.
    """
    found: dict[str, str] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name in found or name in FINDERS:
            continue
        path = _own_file(name)
        if path is None:
            library = name.partition(".")[0]
            found[library] = _version(library)
            continue
        state = path.stat()
        found[name], imported = _read(path, name, state.st_mtime_ns, state.st_size)
        waiting += imported
    text = "\n".join(f"{name} {digest}" for name, digest in sorted(found.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def syntax_digest(path: Path) -> str:
    """SHA-256 of the code of one file, without what it imports. Each Python gives the same."""
    state = path.stat()
    return _read(path, path.stem, state.st_mtime_ns, state.st_size)[0]


@lru_cache(maxsize=1024)
def _read(path: Path, name: str, mtime_ns: int, size: int) -> tuple[str, tuple[str, ...]]:
    """Digest of a file's code, and the modules that it imports."""
    content = path.read_bytes()
    try:
        tree = ast.parse(content)
        digest = hashlib.sha256(_text(tree).encode()).hexdigest()
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # compiled, edited, or too deep
        return hashlib.sha256(content).hexdigest(), ()
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    return digest, tuple(dict.fromkeys(_imported(tree, package)))


def _text(node: object) -> str:
    """A syntax tree as text, the same on every Python; `ast.dump` writes each version's fields."""
    match node:
        case ast.JoinedStr(values=values):  # Python 3.12 ends some with an empty text
            return f"JoinedStr({[_text(v) for v in values if getattr(v, 'value', None) != '']})"
        case ast.AST():
            fields = ((k, v) for k, v in ast.iter_fields(node) if k != "ctx")
            written = ", ".join(f"{k}={_text(v)}" for k, v in fields if v not in (None, []))
            return f"{type(node).__name__}({written})"
        case list():
            return f"[{', '.join(_text(one) for one in node if not _is_text(one))}]"
    return repr(node)


def _is_text(line: object) -> bool:
    """Whether a line is a docstring, or another string without effect."""
    match line:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
    return False


def _imported(tree: ast.Module, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield from _with_parents(alias.name)
            case ast.ImportFrom(module=module, names=names, level=level):
                above = package.split(".")[: 1 - level or None] if level else []
                base = ".".join([*above, *([module] if module else [])])
                yield from _with_parents(base)
                members = (f"{base}.{alias.name}" for alias in names)
                yield from (member for member in members if _own_file(member))


def _with_parents(name: str) -> Iterator[str]:
    return accumulate(name.split("."), "{}.{}".format)


@cache
def _own_file(name: str) -> Path | None:
    """The file of a module of ours, or of a track's neighbour; None for a library's."""
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names:
        return None
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.has_location or not spec.origin:
        return None
    path = Path(spec.origin)
    installed = any(path.is_relative_to(folder) for folder in LIBRARIES)
    return path if top == OURS or not installed else None


@cache
def _version(library: str) -> str:
    if library in sys.stdlib_module_names:
        return ""
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        names = metadata.packages_distributions().get(library, ())
        return " ".join(f"{name} {metadata.version(name)}" for name in sorted(set(names)))
