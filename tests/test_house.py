"""The rules of the house: which package may import which, and who owns a library."""

import ast
from collections.abc import Iterator
from pathlib import Path

from conftest import ROOT

PACKAGES = ("agent", "search_space", "tracks")
LAYERS = {
    # inside agent, imports run from later to earlier
    "records": {"errors", "system_errors", "cores", "shipped", "database", "gitpython",
                "tool_version", "workspace", "evaluation_store", "ledger", "ledger_version",
                "proposal", "outcome",
                "progress", "control", "launchers", "time_limits", "executor", "device_choice",
                "leaderboard", "spending", "fencing", "alpha", "locks",
                "comparison_keys",
                "profile", "techniques"},
    "deciders": {"proposers", "statistics", "sequential", "parts",
                 "names", "contract", "checker", "fingerprint", "known", "surrogate"},
    "study": {"ladder", "study", "climb", "claims", "gates", "researcher", "propose", "compose",
              "comparison", "verdict", "ablation", "interactions",
              "baselines", "official", "ideas", "tried", "standings", "context",
              "fidelity", "selftest"},
    "output": {"report", "instances", "publish", "evidence", "export", "clone", "foreign",
               "importer", "survey", "doctor"},
    "job": {"run"},
    "cli": {"cli"},
    "program": {"__main__"},
}  # fmt: skip
OWNERS = {
    "optuna": {"search_space/sample.py", "agent/proposers", "agent/ledger.py", "agent/ladder.py",
               "agent/database.py",
               "agent/fidelity.py", "agent/study.py", "agent/report/data.py",
               "agent/report/history.py", "agent/report/sources.py", "agent/run.py",
               "agent/claims.py", "agent/climb.py", "agent/known.py", "agent/researcher.py",
               "agent/propose.py", "agent/compose.py",
               "agent/evidence.py", "agent/tried.py", "agent/standings.py", "agent/context.py",
               "agent/cli/common.py", "agent/cli/fidelity.py"},
    "anthropic": {"agent/proposers"},
    "git": {"agent/gitpython.py"},
    "rich": {"agent/report", "agent/cli"},
    "typer": {"agent/cli"},
    "scipy": {"agent/statistics.py"},
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


def test_search_space_and_tracks_stand_alone() -> None:
    others = {"search_space": {"tracks", "agent"}, "tracks": {"search_space", "agent"}}
    for file, name in imports():
        package = file.split("/")[0]
        assert name.split(".")[0] not in others.get(package, set()), f"{file} imports {name}"


def test_imports_inside_agent_run_one_way() -> None:
    order = {module: rank for rank, layer in enumerate(LAYERS.values()) for module in layer}
    modules = {path.stem for path in (ROOT / "agent").iterdir() if path.stem != "__init__"}
    assert modules - {"__pycache__"} == set(order), "give every module of agent a layer"
    for file, name in imports():
        if file.startswith("agent/") and name.startswith("agent."):
            here, there = Path(file).parts[1].removesuffix(".py"), name.split(".")[1]
            assert order.get(here, 99) >= order[there], f"{file} imports {name}"


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
