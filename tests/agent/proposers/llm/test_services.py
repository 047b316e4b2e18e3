"""Each kind of model through a local server: its question, its answer, and every failure of it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from agent.proposers.llm import answer, reader
from agent.proposers.llm.command import Command
from agent.proposers.llm.models import open_service
from agent.proposers.llm.prices import FREE, PRICES, Usage
from agent.proposers.llm.service import NoKeyError, Reply, Service, ServiceError
from helpers.asked import Serve
from helpers.messages_server import (
    Answer,
    Drop,
    Fault,
    Hang,
    Raw,
    StreamFault,
)
from helpers.messages_server import Reply as Told
from helpers.services import CHAT, COMMAND, EVERY, KEY, MESSAGES, REMOTE, Played

SCHEMA = {"type": "object", "title": "an answer"}
TURNS = [
    {"role": "user", "content": "first"},
    {"role": "assistant", "content": "{}"},
    {"role": "user", "content": f"That was not accepted: {KEY}"},
]
MESSAGE = (
    b'{"type": "message", "content": [{"type": "text", "text": "hey"}], "stop_reason": "end_turn",'
    b' "usage": {"input_tokens": 1, "output_tokens": 2}}'
)
COMPLETION = (
    b'{"choices": [{"index": 0, "message": {"role": "assistant", "content": "hey"},'
    b' "finish_reason": "stop"}], "usage": {"prompt_tokens": 1, "completion_tokens": 2}}'
)


def asked(service: Service) -> Reply:
    try:
        return service.ask(f"You know {KEY}.", TURNS, SCHEMA, 77)
    finally:
        getattr(service, "close", lambda: None)()


def failed(service: Service) -> ServiceError:
    with pytest.raises(ServiceError) as raised:
        asked(service)
    assert "\n" not in str(raised.value)
    assert KEY not in str(raised.value)
    return raised.value


@pytest.mark.processes
@pytest.mark.parametrize("played", EVERY, ids=str)
def test_the_question_and_the_answer(serve: Serve, played: Played) -> None:
    server = serve([Told("It is 42, naïvely: ∎", thinking="hm")])
    service = played.opened()
    assert service.model == played.model
    service.hide(KEY)
    reply = asked(service)
    assert (reply.text, reply.stop_reason) == ("It is 42, naïvely: ∎", "end_turn")
    (request,) = server.requests
    assert [turn["role"] for turn in request.turns] == ["user", "assistant", "user"]
    assert request.turns[2]["content"].startswith("That was not accepted: ***")
    said = json.dumps(request.body)
    assert "You know ***." in said
    assert "an answer" in said
    assert KEY not in said
    if played is not COMMAND:
        assert reply.usage is not None
        assert reply.usage.output > 0
        assert "thinking" in reply.blocks


def test_the_form_of_a_chat(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve([Told("{}")])
    first, second = asked(CHAT.opened()), asked(CHAT.opened())
    body = server.requests[0].body
    assert body["model"] == "tiny"
    assert body["max_tokens"] == 77
    assert body["stream_options"] == {"include_usage": True}
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA
    # not every service shows the form to its model
    assert json.dumps(SCHEMA) in body["messages"][0]["content"]
    # all that was read counts as the prompt's tokens, also what came out of the cache
    assert first.usage is not None
    assert second.usage is not None
    assert first.usage.cache_read == 0 < second.usage.cache_read
    assert first.usage.input == second.usage.input + second.usage.cache_read
    monkeypatch.delenv("OPENAI_BASE_URL")
    assert open_service("openai:x")._limits[0] == "max_completion_tokens"  # type: ignore[attr-defined]  # noqa: SLF001


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema in a schema."""
    if isinstance(schema, dict):
        yield schema
    for inner in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(inner, dict | list):
            yield from objects(inner)


@pytest.mark.parametrize("schema", [answer.SCHEMA, reader.SCHEMA], ids=["proposal", "techniques"])
def test_schemas_are_strict_as_chat_completions_want_it(schema: dict[str, Any]) -> None:
    """No property is optional, none may be added, and a reference stands alone."""
    found = [one for one in objects(schema) if one.get("type") == "object"]
    assert len(found) > 1
    for one in found:
        assert one["additionalProperties"] is False
        assert one["required"] == [*one["properties"]]
    assert all(len(one) == 1 for one in objects(schema) if "$ref" in one)


@pytest.mark.parametrize("played", REMOTE, ids=str)
@pytest.mark.parametrize("reason", ["max_tokens", "refusal", "tool_use"])
def test_reasons_to_stop_have_one_name(serve: Serve, played: Played, reason: str) -> None:
    serve([Told("cut", reason)])
    assert asked(played.opened()).stop_reason == reason


@pytest.mark.parametrize("played", REMOTE, ids=str)
def test_what_is_no_text_is_named(serve: Serve, played: Played) -> None:
    call = {"type": "tool_use", "id": "t", "name": "look", "input": {}}
    serve([Told("", "tool_use", content=[call, call], thinking="hm")])
    reply = asked(played.opened())
    assert (reply.text, reply.stop_reason, reply.blocks) == ("", "tool_use", ("tool_use",))


def test_a_chat_may_refuse_in_words(serve: Serve) -> None:
    refused = COMPLETION.replace(b'"content": "hey"', b'"content": null, "refusal": "no"')
    serve([Raw(200, refused)])
    reply = asked(CHAT.opened())
    assert (reply.text, reply.stop_reason, reply.blocks) == ("no", "refusal", ("refusal",))


@pytest.mark.parametrize(("played", "whole"), [(MESSAGES, MESSAGE), (CHAT, COMPLETION)], ids=str)
def test_a_whole_message_is_an_answer_too(serve: Serve, played: Played, whole: bytes) -> None:
    other = COMPLETION if played is MESSAGES else MESSAGE
    serve([Raw(200, whole), Raw(200, whole[:-1]), Raw(200, other)])
    reply = asked(played.opened())
    assert (reply.text, reply.usage) == ("hey", Usage(1, 2))
    for _ in range(2):
        error = failed(played.opened())
        assert f"not of the {played.api.name} (it is application/json" in str(error)
        assert error.maybe_billed


LASTING = {
    401: "the service refused the API key; check {key} (status 401: because ***); asked ",
    402: "the account cannot pay; check its credit (status 402",
    403: "this API key may not do that",
    404: "no such model or address; check --model and {address}",
    413: "the prompt is too large for the service",
    308: "the address leads elsewhere; check {address}",
}


@pytest.mark.parametrize("played", REMOTE, ids=str)
@pytest.mark.parametrize("status", LASTING)
def test_what_lasts_is_named_and_not_asked_for_again(
    serve: Serve, played: Played, status: int
) -> None:
    server = serve([Fault(status, message=f"because {KEY}")])
    error = failed(played.opened(pauses_s=(0.0,)))
    api = played.api
    assert str(error).startswith(LASTING[status].format(key=api.key, address=api.address))
    assert str(error).endswith(f"; asked {played.asked_at(server.url)}")
    assert (error.lasting, error.maybe_billed, len(server.requests)) == (True, False, 1)


@pytest.mark.parametrize("played", REMOTE, ids=str)
def test_what_was_turned_away_is_repeated(serve: Serve, played: Played) -> None:
    slow_down = Fault(429, "rate_limit_error", headers={"retry-after": "0"})
    server = serve([slow_down, Fault(529), Told("{}")])
    assert asked(played.opened(pauses_s=(0.0, 0.0))).text == "{}"
    assert len(server.requests) == 3
    serve([Fault(500)])
    error = failed(played.opened())
    assert (error.lasting, error.maybe_billed) == (False, False)
    assert str(error).startswith("the service failed (status 500: scripted fault)")


BROKEN: list[tuple[Answer, str]] = [
    (Drop(0), "the connection was lost: Server disconnected"),
    (Drop(2), "the connection was lost: peer closed connection"),
    (StreamFault(), "the answer broke off (overloaded_error: scripted fault)"),
    (Hang(60), "the service did not answer in time"),
    (Told("slow", chunk_s=60), "the service did not answer in time"),
]


@pytest.mark.parametrize("played", REMOTE, ids=str)
@pytest.mark.parametrize("case", BROKEN, ids=lambda case: str(case[0]))
def test_what_may_be_billed_is_not_repeated(
    serve: Serve, played: Played, case: tuple[Answer, str]
) -> None:
    server = serve([case[0]])
    silence_s = 0.2 if "in time" in case[1] else 60.0
    error = failed(played.opened(silence_s, pauses_s=(0.0,)))
    assert str(error).startswith(case[1])
    assert (error.lasting, error.maybe_billed) == (False, True)
    # where the client stops waiting, the server may not have read the question
    assert len(server.requests) <= 1


SSE = "text/event-stream"
ELSEWHERE: dict[str, tuple[Answer, bool]] = {
    "a page": (Raw(200, b"<html>Log in</html>", "text/html; charset=utf-8"), False),
    "a page as text": (Raw(200, b"\n<!doctype html>", "text/plain"), False),
    "an empty object": (Raw(200, b"{}"), True),
    "nothing": (Raw(200, b"", ""), True),
    "another API's stream": (Raw(200, b'data: {"a": 1}\n\ndata: [DONE]\n\n', SSE), True),
    "events of another API": (Raw(200, b'event: delta\ndata: {"a": 1}\n\n', SSE), True),
    "a stream of no JSON": (Raw(200, b"event: message_start\ndata: {\n\n", SSE), True),
    "a message that is none": (Raw(200, b"event: message_start\ndata: [1]\n\n", SSE), True),
}


@pytest.mark.parametrize("played", REMOTE, ids=str)
@pytest.mark.parametrize("name", ELSEWHERE)
def test_an_answer_of_something_else_is_named(serve: Serve, played: Played, name: str) -> None:
    answer, billed = ELSEWHERE[name]
    server = serve([answer])
    error = failed(played.opened(pauses_s=(0.0,)))
    assert f"not of the {played.api.name} " in str(error)
    assert "Error" not in str(error)
    # no model writes a page; what another API has answered may be billed
    assert (error.lasting, error.maybe_billed, len(server.requests)) == (True, billed, 1)


ABSURD: list[dict[str, Any]] = [
    {"input_tokens": -(10**7)},
    {"output_tokens": "abc"},
    {"output_tokens": float("nan")},
    {"input_tokens": 10**12},
    {"cache_read_input_tokens": "x"},
    {"input_tokens": None, "output_tokens": None},
]


@pytest.mark.filterwarnings("ignore:Pydantic")
@pytest.mark.parametrize("played", REMOTE, ids=str)
@pytest.mark.parametrize("usage", ABSURD, ids=str)
def test_absurd_usage_is_none(serve: Serve, played: Played, usage: dict[str, Any]) -> None:
    serve([Told("{}", usage=usage)])
    reply = asked(played.opened())
    assert (reply.text, reply.usage) == ("{}", None)


def refusal(message: str) -> Fault:
    return Fault(400, "invalid_request_error", message)


def test_what_a_service_does_not_know_is_left_out(serve: Serve) -> None:
    server = serve(
        [
            refusal("'max_tokens' is not supported. Use 'max_completion_tokens' instead."),
            refusal("Unknown parameter: stream_options"),
            refusal("failed to parse grammar"),
            Told("{}"),
        ],
    )
    service = CHAT.opened()
    service.ask("s", TURNS, SCHEMA, 10)
    assert asked(service).text == "{}"
    told = [
        {name for name in request.body if name not in ("model", "messages", "stream")}
        for request in server.requests
    ]
    assert told == [
        {"max_tokens", "stream_options", "response_format"},
        {"max_completion_tokens", "stream_options", "response_format"},
        {"max_completion_tokens", "response_format"},
        {"max_completion_tokens"},
        {"max_completion_tokens"},
    ]


def test_a_refusal_that_stays_is_told(serve: Serve) -> None:
    # the model's own limit bounds the answer, so the price of ours still does
    small = refusal("max_tokens is too large: 77. This model has 50 at most.")
    server = serve([small, refusal("no such thing")])
    error = failed(CHAT.opened())
    assert "the service refused the request (status 400: no such thing)" in str(error)
    assert error.lasting
    assert ["max_tokens" in request.body for request in server.requests] == [True, False, False]
    quota = Fault(429, "insufficient_quota")
    serve([quota])
    assert not failed(CHAT.opened()).lasting
    body = b'{"error": {"message": "no credit", "code": "insufficient_quota"}}'
    serve([Raw(429, body)])
    error = failed(CHAT.opened())
    assert str(error).startswith("the account cannot pay; check its credit (status 429: no credit)")
    assert error.lasting


@pytest.mark.parametrize(
    ("address", "free"),
    [
        ("http://127.0.0.1:11434/v1", True),
        ("http://localhost:8000/v1", True),
        ("http://192.168.1.7/v1", True),
        ("http://ollama:11434/v1", True),
        ("http://[::1]/v1", True),
        ("https://gateway.example.com/v1", False),
        ("http://8.8.8.8/v1", False),
        (None, False),
    ],
)
def test_a_model_in_this_network_is_free_and_needs_no_key(
    monkeypatch: pytest.MonkeyPatch, address: str | None, free: bool
) -> None:
    if address:
        monkeypatch.setenv("OPENAI_BASE_URL", address)
    if not free:
        with pytest.raises(NoKeyError, match="set OPENAI_API_KEY"):
            open_service("openai:tiny")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert open_service("openai:anthropic/claude-opus-5").price() == PRICES["claude-opus-5"]
    service = open_service("openai:tiny")
    if free:
        assert service.price() == FREE
    else:
        with pytest.raises(ValueError, match=r"no price is known for 'tiny' at .*; give --price"):
            service.price()


def test_a_package_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    monkeypatch.delitem(sys.modules, "agent.proposers.llm.chat")
    with pytest.raises(ServiceError, match=r"pip install 'autoresearch\[openai\]'"):
        open_service("openai:tiny")
    with pytest.raises(ServiceError, match="names no model"):
        open_service("openai:")


def shell(script: str, granted: Sequence[str] = (), longest_s: float = 60.0) -> Command:
    return Command(f"sh -c {json.dumps(script)}", granted, longest_s)


@pytest.mark.processes
def test_a_command_gets_an_empty_folder_and_what_was_granted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GRANTED", "yes")
    monkeypatch.setenv("SECRET", KEY)
    said = asked(shell("pwd; ls -a; env", ["GRANTED"])).text
    folder, *listed = said.split("\n")[:3]
    assert listed == [".", ".."]
    assert not Path(folder).exists()
    names = {line.partition("=")[0] for line in said.splitlines() if "=" in line}
    assert (
        {"PATH", "GRANTED"} <= names <= {"PATH", "HOME", "LC_CTYPE", "GRANTED", "PWD", "_", "SHLVL"}
    )
    # a secret that was granted is not told to it
    assert "You know ***." in asked(Command("cat", ["SECRET"])).text
    with pytest.raises(ServiceError, match="--model-env ABSENT: there is no such variable"):
        Command("cat", ["ABSENT"])


FAILING: dict[str, tuple[str, str, bool]] = {
    "a failure": ("echo one; echo 'bad key' >&2; exit 3", "failed (exit status 3): bad key", False),
    "a signal": ("kill -9 $$", "failed (exit status 137): -", False),
    "no program": ("exec no-such-program", "failed (exit status 127): ", True),
    "too long": ("sleep 60", "the command took longer than 0.5 s", False),
    "silent": ("exec >&- 2>&-; sleep 60", "the command took longer than 0.5 s", False),
    "too much": ("yes", "the command wrote more than 4 MB", False),
}


@pytest.mark.processes
@pytest.mark.parametrize("name", FAILING)
def test_a_command_that_fails_is_told_in_one_line(name: str) -> None:
    script, told, lasting = FAILING[name]
    error = failed(shell(script, longest_s=0.5 if "0.5" in told else 60))
    assert told in str(error)
    assert "; asked command:sh -c" in str(error)
    assert (error.lasting, error.maybe_billed) == (lasting, True)


@pytest.mark.processes
@pytest.mark.parametrize(
    "answer", [Fault(401, message=f"refused {KEY}"), Fault(529), Drop(0), Hang(60)], ids=str
)
def test_an_agent_that_fails_may_be_billed(serve: Serve, answer: Answer) -> None:
    server = serve([answer])
    service = COMMAND.opened(silence_s=1.0 if isinstance(answer, Hang) else 60.0)
    service.hide(KEY)
    error = failed(service)
    assert (error.lasting, error.maybe_billed) == (False, True)
    assert len(server.requests) <= 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("no-such-program -p", "there is no program 'no-such-program'"),
        ("", "it names no program"),
        ("'cat", "No closing quotation"),
    ],
)
def test_a_command_line_that_is_none_is_refused(line: str, told: str) -> None:
    with pytest.raises(ServiceError, match=told) as raised:
        open_service(f"command:{line}")
    assert str(raised.value).startswith(f"--model command:{line}: ")


@pytest.mark.processes
def test_a_file_of_this_folder_is_not_where_a_command_runs(workspace_folder: Path) -> None:
    (workspace_folder / "agent.sh").write_text("echo {}")
    error = failed(Command("sh agent.sh"))
    assert f"write {workspace_folder / 'agent.sh'}, not agent.sh" in str(error)
    assert error.lasting


def ends(pid: int, within_s: float = 60.0) -> bool:
    """Whether a process ends; one that nobody waits for is as good as gone."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        try:
            if "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text():
                return True
        except OSError:
            return True
        time.sleep(0.01)
    return False


@pytest.mark.processes
def test_nothing_of_a_command_outlives_its_answer_or_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = "sleep 300 >/dev/null 2>&1 & echo $! > " + str(tmp_path / "pid")
    assert asked(shell(f"{left}; echo {{}}")).text == "{}\n"
    assert ends(int((tmp_path / "pid").read_text()))
    (tmp_path / "pid").unlink()
    program = (
        "from agent.proposers.llm.command import Command; import json, sys; "
        "Command(sys.argv[1]).ask('s', [], {}, 1)"
    )
    line = f"sh -c {json.dumps(left + '; sleep 300')}"
    # killed, it leaves a temporary folder
    process = subprocess.Popen(
        [sys.executable, "-c", program, line], env=os.environ | {"TMPDIR": str(tmp_path)}
    )
    until = time.monotonic() + 60
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert time.monotonic() < until
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert ends(int((tmp_path / "pid").read_text()))
    assert len(list(tmp_path.glob("autoresearch-model-*"))) == 1
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    asked(shell("echo {}"))
    assert not list(tmp_path.glob("autoresearch-model-*"))


def test_no_variable_of_a_key_is_left_to_tests() -> None:
    assert not [name for name in os.environ if name.startswith(("ANTHROPIC_", "OPENAI_"))]
