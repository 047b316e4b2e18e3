"""Secrets of every vendor stay here, whichever service is asked."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.cli.context import without_secrets
from agent.proposers.llm.asking import Asker
from agent.proposers.llm.prices import FREE
from agent.proposers.llm.transcript import Transcript
from agent.study.ledger import Ledger
from agent.study.study import Study
from agent.study.workspace import Workspace
from agent.verdict.comparison_keys import ComparisonKeys
from helpers.asked import Serve
from helpers.messages_server import MessagesServer, Reply
from helpers.services import EVERY, Played

SECRETS = {
    "ANTHROPIC_API_KEY": "first-vendor-0123456789",
    "OPENAI_API_KEY": "second-vendor-9876543210",
    "ANTHROPIC_CUSTOM_HEADERS": "gateway-of-the-first-24680",
    "OPENAI_CUSTOM_HEADERS": "gateway-of-the-second-13579",
    "ANTHROPIC_BASE_URL": "open/sesame/one",
    "OPENAI_BASE_URL": "open@sesame@two",
}
KEPT = "a public value"
LOG = f"The log: {KEPT}, {', '.join(SECRETS.values())}."
CUT = f"The log: {KEPT}, {', '.join('***' for _ in SECRETS)}."


@pytest.fixture
def server(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> MessagesServer:
    """It answers once; every secret is set."""
    server = serve([Reply("{}")])
    host = server.url.removeprefix("http://")
    given = {
        "ANTHROPIC_BASE_URL": f"http://me:open%2Fsesame%2Fone@{host}",
        "OPENAI_BASE_URL": f"http://me:open@sesame@two@{host}/v1",
    }
    for name, secret in SECRETS.items():
        custom = f"X-Version: {KEPT}\nX-Gateway-Token: {secret}"
        value = custom if name.endswith("HEADERS") else secret
        monkeypatch.setenv(name, given.get(name, value))
    return server


@pytest.mark.processes
@pytest.mark.parametrize("played", EVERY, ids=str)
def test_no_service_is_told_the_secrets_of_another(
    server: MessagesServer, tmp_path: Path, played: Played
) -> None:
    transcript = Transcript(tmp_path, "m", lambda calls: None)
    transcript.begin("s", LOG)
    read: Callable[[str], str] = str.strip
    # as a survey asks, which has no ledger
    assert Asker(played.opened(), {}, LOG, FREE, lambda: 0.0).answer(transcript, read) == "{}"
    told = json.dumps(server.requests[0].body)
    assert told.count(CUT) == 2


@pytest.mark.usefixtures("server")
def test_an_agent_is_told_no_secret_of_the_environment(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor what a study grants to a command or to a receiver of events."""
    granted = {"LAB_TOKEN": "of-the-lab-112233", "HOOK_SECRET": "of-the-hook-445566"}
    for name, value in {**granted, "LAB_NAME": "a laboratory of ours"}.items():
        monkeypatch.setenv(name, value)
    study.override(model_env=["LAB_TOKEN", "LAB_NAME"], event_env=["HOOK_SECRET"])
    drawn = ComparisonKeys(study).key("one", "other")
    ledger = Ledger(Workspace(Path.cwd()))
    assert without_secrets(LOG, ledger) == CUT
    text = f"a laboratory of ours: {drawn}, {', '.join(granted.values())}"
    assert without_secrets(text, ledger) == "a laboratory of ours: ***, ***, ***"
