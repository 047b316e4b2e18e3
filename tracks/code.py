"""What code a number depends on: a hash of a module's syntax tree and of all that it imports."""

import ast
import hashlib
import importlib.util
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib import metadata
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


@lru_cache(maxsize=1024)
def _read(path: Path, name: str, mtime_ns: int, size: int) -> tuple[str, tuple[str, ...]]:
    """Digest of a file's code, and the modules that it imports."""
    content = path.read_bytes()
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):  # compiled, or being edited
        return hashlib.sha256(content).hexdigest(), ()
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    imported = tuple(dict.fromkeys(_imported(tree, package)))
    for node in ast.walk(tree):
        if isinstance(body := getattr(node, "body", None), list):
            node.body = [line for line in body if not _is_text(line)]  # type: ignore[attr-defined]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest(), imported


def _is_text(line: ast.AST) -> bool:
    """Whether a line is a docstring, or another string that nothing uses."""
    return (
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Constant)
        and isinstance(line.value.value, str)
    )


def _imported(tree: ast.Module, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _with_parents(alias.name)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: 1 - node.level or None] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from _with_parents(base)
            for alias in node.names:
                if _own_file(f"{base}.{alias.name}"):
                    yield f"{base}.{alias.name}"


def _with_parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        yield ".".join(parts[:count])


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
