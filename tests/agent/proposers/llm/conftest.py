"""A scripted server for every kind of model, and a study that asks one."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from agent.study.evaluation_store import EvaluationStore
from agent.study.ledger import Ledger
from agent.study.study import Study
from agent.study.workspace import Workspace
from helpers.asked import SETTINGS, Serve
from helpers.messages_server import MessagesServer, Script
from helpers.services import EVERY


@pytest.fixture(autouse=True)
def known_keys() -> None:
    """Here keys are drawn from the system, as they are in a study."""


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Begin a server that every client will find; it ends with the test."""
    with ExitStack() as opened:

        def begin(script: Script) -> MessagesServer:
            server = opened.enter_context(MessagesServer(script))
            for played in EVERY:
                for name, value in played.environment(server.url).items():
                    monkeypatch.setenv(name, value)
            return server

        yield begin


@pytest.fixture(scope="session")
def evaluations(tmp_path_factory: pytest.TempPathFactory) -> EvaluationStore:
    """Of all tests here, so that known optimizers are fingerprinted once."""
    return EvaluationStore(tmp_path_factory.mktemp("evaluations"))


@pytest.fixture
def study(workspace_folder: Path, evaluations: EvaluationStore) -> Study:
    made = Ledger(Workspace(workspace_folder)).create("asked", SETTINGS)
    made.store = evaluations
    return made
