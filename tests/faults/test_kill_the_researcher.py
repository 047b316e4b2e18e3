"""A study, driven by scripted researchers, killed while a model thinks, and resumed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.cli.inputs import open_ledger
from agent.proposers.llm.spending import calls_of
from agent.study.settings import Stage
from agent.verdict.verdict import Verdict
from helpers.fake_researcher import Researcher
from helpers.messages_server import Answer, Hang, MessagesServer, Request
from helpers.repositories import new_repository
from helpers.services import CHAT, COMMAND, EVERY, Played

pytestmark = pytest.mark.processes

# comparing with every recipe takes most of the time
FEW = (
    "import sys, agent.proposers.gates.known as known; from agent.cli.main import main; "
    "known.RECIPES = {}; "
)
PROGRAM = [sys.executable, "-c", f"{FEW}sys.exit(main())"]
NEW = ["run", "--track", "mqar", "--scale", "small", "--budget", "8", "--study", "asked"]
NEW += ["--max-usd", "4", "--no-recipes", "--no-ablation", "--no-transfer", "--proposer"]
RESUME = ["run", "--resume", "asked"]


class Interrupted:
    """The scripted researcher, but for one question, which it never answers."""

    def __init__(self, silent_at: int) -> None:
        self._researcher, self._silent_at = Researcher(), silent_at
        self.asked = threading.Event()

    def __call__(self, request: Request, number: int) -> Answer:
        if number == self._silent_at:
            self.asked.set()
            return Hang(60)
        return self._researcher(request, number)


@pytest.fixture
def script() -> Interrupted:
    return Interrupted(silent_at=2)


@pytest.fixture
def server(
    workspace_folder: Path,
    script: Interrupted,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[MessagesServer]:
    # a process that is killed leaves a temporary folder
    monkeypatch.setenv("TMPDIR", str(tmp_path_factory.mktemp("left")))
    with MessagesServer(script) as opened:
        for played in EVERY:
            for name, value in played.environment(opened.url).items():
                monkeypatch.setenv(name, value)
        # a command is not asked again; agents do that themselves
        monkeypatch.setenv("AGENT_RETRIES", "2")
        yield opened


def begin(words: list[str]) -> subprocess.Popen[str]:
    quiet = subprocess.DEVNULL
    return subprocess.Popen([*PROGRAM, *words], stdout=quiet, stderr=subprocess.PIPE, text=True)


def asking(*models: Played) -> list[str]:
    """The options that ask these models; `command:` ones get what they need."""
    words = [word for played in models for word in ("--model", played.model)]
    granted = ["--model-env", "AGENT_URL", "--model-env", "AGENT_RETRIES"]
    return [*words, *(granted if COMMAND in models else [])]


PAID_ONCE = [
    pytest.param("llm", asking(*EVERY), id="three"),
    pytest.param("mixed", [], id="one", marks=pytest.mark.campaign),
    pytest.param("llm", asking(CHAT), id="chat", marks=pytest.mark.campaign),
    pytest.param("llm", asking(COMMAND), id="command", marks=pytest.mark.campaign),
]


@pytest.mark.parametrize(("proposer", "models"), PAID_ONCE)
def test_no_call_is_paid_twice_after_a_kill(
    workspace_folder: Path,
    script: Interrupted,
    server: MessagesServer,
    proposer: str,
    models: list[str],
) -> None:
    repository = new_repository(workspace_folder)
    process = begin([*NEW, proposer, *models])
    assert script.asked.wait(120)
    process.kill()
    process.communicate()
    study = open_ledger().open("asked")
    before = {trial.number: trial.proposal for trial in study.finished()}
    assert [call.state for call in calls_of(study)].count("sent") == 1
    process = begin(RESUME)
    _, said = process.communicate(timeout=240)
    assert process.returncode == 0, said
    study = open_ledger().open("asked")
    after = {trial.number: trial.proposal for trial in study.finished()}
    assert before.items() <= after.items()
    assert len(after) == 8
    calls = calls_of(study)
    # what was answered was answered once, and the one that was cut off counts at its most
    assert [call.state for call in calls].count("answered") == server.delivered
    for path in Path("runs/asked/trials").glob("*/transcript.json"):
        kept = json.loads(path.read_text())
        paid = [call["state"] for call in kept["calls"]].count("answered")
        # every answer that was paid for is a turn, and no question of a trial has two
        assert paid == [turn["role"] for turn in kept["turns"]].count("assistant")
    lost = [call for call in calls if call.state == "sent"]
    assert len(lost) == 1
    assert (lost[0].usd > 0.4) == (lost[0].model == "claude-opus-5-5")
    asked = {call.model for call in calls}
    assert asked <= ({*models} or {"claude-opus-5-5"})
    assert len(asked) > 1 or models != asking(*EVERY)
    assert any(p.origin == "llm" for p in after.values())
    # whether its best is better than adamw depends on the instances that were drawn
    verdict = Verdict.of(study)
    assert study.stage == Stage.DONE
    branches = [head.name for head in repository.heads]
    assert verdict is not None
    assert ("autoresearch/asked" in branches) == verdict.accepted, said


def test_ctrl_c_is_heard_while_the_model_thinks(
    script: Interrupted, server: MessagesServer
) -> None:
    process = begin([*NEW, "llm"])
    assert script.asked.wait(120)
    time.sleep(0.5)
    began = time.monotonic()
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert time.monotonic() - began < 30
    assert process.returncode == 130
    assert "continue with: autoresearch run --resume asked" in said
