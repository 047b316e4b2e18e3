"""Fixtures: one zygote for the whole run, and short ways to evaluate source text.

A test that starts processes has the mark `processes`, by a fixture or by hand; any other that does
fails. `make test-fast` runs those without it.
"""

import os
import platform
import shutil
import signal
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import git
import hypothesis
import pytest
import torch

from agent.cli import machine
from agent.cli.main import main
from agent.study.ledger import Ledger
from agent.study.storage_address import VARIABLE
from agent.study.tool_version import tool_version
from agent.study.workspace import Workspace
from agent.verdict.comparison_keys import draw
from helpers import Answer, Call, Run, studies, workspaces
from helpers.postgres import Server, new_folder, program
from helpers.processes import MARK, STARTED_BY, Guard, Shared
from helpers.repositories import new_repository
from tracks import registry
from tracks.evaluation import Evaluation
from tracks.instance import official_instance
from tracks.isolation.evaluate import evaluate
from tracks.isolation.launcher import Launcher
from tracks.isolation.levels import Level
from tracks.isolation.limits import Limits
from tracks.isolation.sandbox import probe
from tracks.procedure import Procedure, TrainerName
from tracks.registry import get_track
from tracks.submission import Submission

torch.set_num_threads(1)

GUARD = Guard()

hypothesis.settings.register_profile(
    "project", derandomize=True, deadline=None, max_examples=25, database=None
)
hypothesis.settings.load_profile("project")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Those of the long campaign of kills, which `make faults` gives."""
    parser.addoption("--campaign", action="store_true", help="run the long campaign of kills")
    parser.addoption("--kills", type=int, default=200, help="kills of the long campaign")
    parser.addoption("--kills-seed", type=int, default=1, help="seed of its moments")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    skip = pytest.mark.skip(reason="takes long: `make faults` runs it")
    for item in items:
        if STARTED_BY & set(getattr(item, "fixturenames", ())):
            item.add_marker(MARK)
        if item.get_closest_marker("campaign") and not config.getoption("--campaign"):
            item.add_marker(skip)


@pytest.fixture(autouse=True, scope="session")
def known_machine() -> None:
    """Facts that a process finds out once and that are kept."""
    probe()
    tool_version()
    platform.processor()


@pytest.fixture(autouse=True)
def only_marked_tests_start_processes(request: pytest.FixtureRequest) -> Iterator[None]:
    GUARD.refused.clear()
    GUARD.allowed = request.node.get_closest_marker(MARK) is not None
    yield
    GUARD.allowed = True
    assert not GUARD.refused, f"mark it `@pytest.mark.{MARK}`: it starts {GUARD.refused}"


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    with Launcher() as opened:
        yield opened


def share_launcher(request: pytest.FixtureRequest, patch: pytest.MonkeyPatch) -> None:
    """Give the session's launcher to every verb that opens one, which takes seconds each time."""

    def used() -> Launcher:
        if not GUARD.allowed:
            GUARD.refuse("launcher")
        launcher: Launcher = request.getfixturevalue("launcher")
        return launcher

    def opened(device: str = "cpu") -> Launcher | Shared:
        return Shared(used) if device == "cpu" else Launcher(device)

    patch.setattr(machine.Limits, "launcher", lambda limits: opened(limits.device))


@pytest.fixture
def run(launcher: Launcher) -> Run:
    """Evaluate source text on a small official instance."""

    def evaluate_source(
        source: str,
        track: str = "random_teacher",
        *,
        scale: str = "small",
        eval_every: int = 10,
        wall_s: float = 60.0,
        memory_mb: int = 512,
        output_bytes: int = 2**20,
        trainer: TrainerName = "exact",
        procedure: Procedure | None = None,
        sandbox: Level = Level.FULL,
        cpu_s: float | None = None,
    ) -> Evaluation:
        return evaluate(
            Submission(source),
            official_instance(get_track(track).name, scale),
            launcher,
            procedure=procedure or Procedure(eval_every, trainer),
            limits=Limits(wall_s, memory_mb, output_bytes, cpu_s, sandbox),
        )

    return evaluate_source


@pytest.fixture(autouse=True)
def few_known_optimizers(monkeypatch: pytest.MonkeyPatch) -> None:
    workspaces.few_recipes(monkeypatch)


@pytest.fixture(autouse=True)
def few_workloads(monkeypatch: pytest.MonkeyPatch) -> None:
    workspaces.few_workloads(monkeypatch)


@pytest.fixture(autouse=True)
def known_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    workspaces.known_keys(monkeypatch)


@pytest.fixture(autouse=True, scope="session")
def kept_evaluations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Studies of `helpers.studies.run` measure what is equal once in a session."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(studies, "KEPT", tmp_path_factory.mktemp("evaluations"))
        yield


@pytest.fixture(autouse=True)
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's key is spent by a test."""
    for name in [name for name in os.environ if name.startswith(("ANTHROPIC_", "OPENAI_"))]:
        monkeypatch.delenv(name)


@pytest.fixture
def workspace_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder as the current one; studies and submissions go there."""
    (tmp_path / "submissions").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def _forgotten_tracks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Track files that a test loads, or opens a study of, are unknown to the next one."""
    monkeypatch.setattr(registry, "_loaded", {})
    monkeypatch.setattr(registry, "_files", {})
    paths = list(sys.path)
    yield
    sys.path[:] = paths


@pytest.fixture
def shared_launcher(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    share_launcher(request, monkeypatch)


@pytest.fixture
def call(workspace_folder: Path, shared_launcher: None, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command line in an empty workspace: (exit status, standard output, standard error)."""

    def run(*words: str) -> Answer:
        handler = signal.getsignal(signal.SIGTERM)
        try:
            status = main(words)
        finally:
            signal.signal(signal.SIGTERM, handler)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture(scope="session")
def finished_runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `runs` of a workspace with one finished small study, named `done`."""
    words = ["--track", "mqar", "--scale", "small", "--budget", "4", "--no-ablation"]
    handler = signal.getsignal(signal.SIGTERM)
    with (
        workspaces.shared_workspace(tmp_path_factory) as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        share_launcher(request, patch)
        # its instances can be derived again
        patch.setattr("agent.verdict.comparison_keys.draw", draw)
        assert main(["run", *words, "--study", "done"]) == 0
    signal.signal(signal.SIGTERM, handler)
    return folder / "runs"


@pytest.fixture
def study(finished_runs: Path, workspace_folder: Path) -> str:
    """A finished small study in the workspace."""
    shutil.copytree(finished_runs, workspace_folder / "runs")
    return "done"


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server of these tests; where there is none, they say that they were skipped."""
    absent = [name for name in ("initdb", "pg_ctl", "postgres") if program(name) is None]
    if absent or find_spec("psycopg") is None:
        pytest.skip(f"PostgreSQL is not tested here: no {', '.join(absent) or 'psycopg'}")
    folder = new_folder()
    opened = Server.made_in(folder)
    yield opened
    opened.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def storage(server: Server, workspace_folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a new database as the ledger of the workspace."""
    address = server.database()
    monkeypatch.setenv(VARIABLE, address)
    return address


@pytest.fixture
def ledger(workspace_folder: Path) -> Ledger:
    return Ledger(Workspace(workspace_folder))


@pytest.fixture
def repository(workspace_folder: Path) -> git.Repo:
    return new_repository(workspace_folder)
