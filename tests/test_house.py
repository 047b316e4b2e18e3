"""The rules of the house: which package may import which, and who owns a library."""

import ast
from collections.abc import Iterator

from importlinter.cli import lint_imports

from helpers import ROOT

PACKAGES = ("agent", "search_space", "tracks")
OWNERS = {
    "optuna": {"search_space/sample.py", "agent/study", "agent/proposers/sampler.py"},
    "anthropic": {"agent/proposers/llm"},
    "git": {"agent/study/gitpython.py"},
    "rich": {"agent/report", "agent/cli"},
    "typer": {"agent/cli"},
    "scipy": {"agent/verdict/statistics.py"},
    "jinja2": {"agent/report/html.py"},
}  # fmt: skip


def imports() -> Iterator[tuple[str, str]]:
    """(file relative to the root, imported module) for every import of the packages."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                names = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    names = [f"{node.module}.{alias.name}" for alias in node.names]
                for name in names:
                    yield path.relative_to(ROOT).as_posix(), name


def test_imports_run_from_the_later_room_to_the_earlier() -> None:
    assert lint_imports() == 0, "run `lint-imports`"


def test_only_the_optimizer_host_runs_submissions() -> None:
    for path in (p for package in PACKAGES for p in (ROOT / package).rglob("*.py")):
        calls = [
            node.func.id
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ]
        if path.name != "optimizer_host.py":
            assert not {"exec", "eval", "__import__"} & set(calls), path


def test_every_library_has_its_owner() -> None:
    for file, name in imports():
        owners = OWNERS.get(name.split(".")[0])
        if owners:
            assert any(file.startswith(owner) for owner in owners), f"{file} imports {name}"


def test_files_stay_short() -> None:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            assert len(path.read_text().splitlines()) <= 350, path
