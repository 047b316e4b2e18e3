"""The rules of the house that no tool checks: owners of libraries, sizes, where tests stand."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from helpers import ROOT

PACKAGES = ("agent", "autoresearch", "search_space", "tracks")
OWNERS = {
    "optuna": {
        "search_space/sample.py",
        "agent/study",
        "agent/proposers/repeatable_sampler.py",
        "agent/proposers/samplers.py",
        "agent/proposers/spec_sampler.py",
    },
    "anthropic": {"agent/proposers/llm"},
    "openai": {"agent/proposers/llm"},
    "git": {"agent/study/gitpython.py"},
    "rich": {"agent/report", "agent/cli"},
    "typer": {"agent/cli"},
    "scipy": {"agent/verdict/statistics.py"},
    "jinja2": {"agent/report/html.py"},
    "sqlalchemy": {"agent/study"},
    "pyarrow": {"agent/report/parquet.py"},
    "dask": {"agent/study/cluster"},
    "distributed": {"agent/study/cluster"},
    "mcp": {"agent/cli/server"},
    "anyio": {"agent/cli/server"},
}  # fmt: skip
FILE, FUNCTION, PARAMETERS = 250, 40, 6
"""At most: lines of a file, lines of a function, parameters of a function besides `self`."""
UNTYPED = 55
"""How often `dict[str, Any]` may still be written; it may only shrink."""
LARGER: dict[str, dict[str, int]] = {
    "parameters of a function": {
        "tracks/isolation/evaluate.py:evaluate": 8,
    },
}
"""What is larger still, and how large it may be; an entry that has shrunk goes."""
OWN_FOLDERS = {"compatibility", "faults", "helpers", "redteam"}
"""Folders of tests that stand for no package."""


@cache
def sources() -> dict[str, ast.Module]:
    """The syntax tree of every module, by its path from the root."""
    paths = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text()) for path in paths}


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for file, tree in sources().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{file}:{node.name}", node


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    given = function.args
    names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len([name for name in names if name not in ("self", "cls")])


def test_imports_run_from_the_later_room_to_the_earlier() -> None:
    assert lint_imports() == 0, "run `lint-imports`"


def test_only_the_optimizer_host_runs_submissions() -> None:
    for file, tree in sources().items():
        calls = {
            node.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        if not file.endswith("/optimizer_host.py"):
            assert not {"exec", "eval", "__import__"} & calls, file


def test_every_library_has_its_owner() -> None:
    for file, tree in sources().items():
        for name in imported(tree):
            owners = OWNERS.get(name.split(".")[0], {""})
            assert any(file.startswith(owner) for owner in owners), f"{file} imports {name}"


def sizes_of(what: str) -> dict[str, int]:
    if what == "lines of a file":
        return {file: len((ROOT / file).read_text().splitlines()) for file in sources()}
    if what == "lines of a function":
        return {name: (f.end_lineno or 0) - f.lineno + 1 for name, f in functions()}
    return {name: parameters(f) for name, f in functions()}


@pytest.mark.parametrize(
    ("what", "most"),
    [
        ("lines of a file", FILE),
        ("lines of a function", FUNCTION),
        ("parameters of a function", PARAMETERS),
    ],
)
def test_sizes_stay_small(what: str, most: int) -> None:
    sizes, larger = sizes_of(what), LARGER.get(what, {})
    grown = {name: n for name, n in sizes.items() if n > larger.get(name, most)}
    assert not grown, f"{what}: at most {most}"
    shrunk = [name for name in larger if sizes.get(name, 0) <= most]
    assert not shrunk, f"take them out of LARGER[{what!r}]"


def test_untyped_records_only_become_fewer() -> None:
    found = sum((ROOT / file).read_text().count("dict[str, Any]") for file in sources())
    assert found <= UNTYPED, "make a record a type"


def files_of_tests() -> list[Path]:
    return sorted((ROOT / "tests").rglob("*.py"))


def test_tests_stand_in_the_folder_of_what_they_test() -> None:
    for path in files_of_tests():
        folder = path.parent.relative_to(ROOT / "tests")
        if folder.parts and folder.parts[0] not in OWN_FOLDERS:
            assert (ROOT / folder).is_dir(), path


def test_no_test_imports_another_or_a_private_name() -> None:
    # torch keeps what its manual describes under names such as torch.utils._python_dispatch
    refused = re.compile(r"^(?!torch\.utils\.)(.*\.)?(test_\w+|conftest|_[a-zA-Z]\w*)(\.|$)")
    for path in files_of_tests():
        assert not [n for n in imported(ast.parse(path.read_text())) if refused.search(n)], path
