"""The server that plays the Messages API, as the real client sees it."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic.types import Message

from helpers.messages_server import (
    Answer,
    Drop,
    Fault,
    Hang,
    MessagesServer,
    Raw,
    Reply,
    Request,
    Script,
    StreamFault,
)

Ask = Callable[..., Message]
CLIENT = anthropic.Anthropic(api_key="k", max_retries=0, timeout=5)
TEXT = "It is 42, naïvely: ∎"
SYSTEM: list[dict[str, Any]] = [
    {"type": "text", "text": "s" * 70, "cache_control": {"type": "ephemeral"}},
    {"type": "text", "text": "t" * 7},
]


def question(**more: Any) -> dict[str, Any]:
    asked = [{"role": "user", "content": "What is it?"}]
    return {"model": "claude-sonnet-5", "max_tokens": 64, "messages": asked, **more}


def create(client: anthropic.Anthropic, **more: Any) -> Message:
    message: Message = client.messages.create(**question(**more))
    return message


def stream(client: anthropic.Anthropic, **more: Any) -> Message:
    with client.messages.stream(**question(**more)) as answer:
        return answer.get_final_message()


@contextmanager
def served(script: Script, **options: Any) -> Iterator[tuple[MessagesServer, anthropic.Anthropic]]:
    """A server and a client of it, which shares its pool of connections with all the others."""
    with MessagesServer(script) as server:
        yield server, CLIENT.with_options(base_url=server.url, **options)


@pytest.fixture(params=[create, stream])
def ask(request: pytest.FixtureRequest) -> Ask:
    """The two ways to call: for a whole message, and for a stream."""
    way: Ask = request.param
    return way


def test_a_reply_comes_back_whole(ask: Ask) -> None:
    with served([Reply(TEXT, "max_tokens", output_tokens=9, thinking="Hm, 6 by 9.")]) as (
        _,
        client,
    ):
        message = ask(client)
    thought, said = message.content
    assert thought.type == "thinking"
    assert (thought.thinking, thought.signature) == ("Hm, 6 by 9.", "c2lnbmVk")
    assert said.type == "text"
    assert said.text == TEXT
    assert (message.stop_reason, message.usage.output_tokens) == ("max_tokens", 9)


def test_a_message_may_be_empty_or_have_other_blocks(ask: Ask) -> None:
    call = {"type": "tool_use", "id": "t", "name": "look", "input": {"at": 1}}
    with served([Reply("", content=[]), Reply("", content=[call])]) as (_, client):
        assert ask(client).content == []
        (block,) = ask(client).content
    assert block.type == "tool_use"
    assert block.input == {"at": 1}


def test_requests_are_kept_and_the_last_answer_repeats(ask: Ask) -> None:
    with served([Reply("first"), Reply("later")]) as (server, client):
        texts = [ask(client).content[0].to_dict()["text"] for _ in range(3)]
    assert texts == ["first", "later", "later"]
    assert server.delivered == 3
    request = server.requests[2]
    assert (request.method, request.path) == ("POST", "/v1/messages")
    assert request.headers["authorization"] == "Bearer k"
    assert request.body["messages"] == question()["messages"]


def test_a_script_sees_the_request_and_its_number() -> None:
    def script(request: Request, number: int) -> Answer:
        return Reply(f"{number}: {request.body['max_tokens']}")

    with served(script) as (_, client):
        answers = [create(client, max_tokens=limit).content[0] for limit in (5, 6)]
    assert [answer.to_dict()["text"] for answer in answers] == ["0: 5", "1: 6"]


def test_a_marked_prefix_is_written_to_the_cache_and_then_read(ask: Ask) -> None:
    with served([Reply(TEXT)]) as (_, client):
        usages = [ask(client, system=SYSTEM).usage for _ in range(2)]
        other = ask(client, system=[{**SYSTEM[0], "text": "u" * 70}]).usage
    first, second = (
        (usage.input_tokens, usage.cache_creation_input_tokens, usage.cache_read_input_tokens)
        for usage in usages
    )
    assert (first, second) == ((6, 20, 0), (6, 0, 20))
    assert (other.cache_creation_input_tokens, other.cache_read_input_tokens) == (20, 0)
    assert usages[0].output_tokens == 6


def test_a_longer_prefix_reads_the_shorter_one() -> None:
    turn = {"type": "text", "text": "u" * 14, "cache_control": {"type": "ephemeral"}}
    asked = [{"role": "user", "content": [turn]}]
    with served([Reply(TEXT, usage={"service_tier": "batch"})]) as (_, client):
        create(client, system=SYSTEM)
        usage = create(client, system=SYSTEM, messages=asked).usage
    assert usage.cache_read_input_tokens == 20
    assert usage.cache_creation_input_tokens == 6
    assert (usage.input_tokens, usage.service_tier) == (0, "batch")


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (Fault(400, "invalid_request_error"), anthropic.BadRequestError),
        (Fault(401, "authentication_error"), anthropic.AuthenticationError),
        (Fault(429, "rate_limit_error", headers={"retry-after": "7"}), anthropic.RateLimitError),
        (Fault(500), anthropic.InternalServerError),
        (Fault(529, "overloaded_error"), anthropic.OverloadedError),
    ],
)
def test_a_fault_raises(ask: Ask, fault: Fault, raised: type[anthropic.APIStatusError]) -> None:
    with served([fault]) as (server, client), pytest.raises(raised) as caught:
        ask(client)
    error = caught.value
    assert (error.status_code, error.type) == (fault.status, fault.kind)
    assert (error.request_id, server.delivered) == ("req_fake", 0)
    assert error.response.headers.get("retry-after") == fault.headers.get("retry-after")


def test_a_fault_in_a_stream_comes_after_its_deltas() -> None:
    with served([StreamFault(after_chunks=2)]) as (server, client):
        texts: list[str] = []
        with (
            pytest.raises(anthropic.APIStatusError, match="overloaded_error") as caught,
            client.messages.stream(**question()) as answer,
        ):
            texts.extend(answer.text_stream)
        assert len(texts) == 2
        assert caught.value.type == "overloaded_error"
        with pytest.raises(anthropic.OverloadedError):
            create(client)
    assert server.delivered == 0


@pytest.mark.parametrize("answer", [Drop(0), Drop(1), Hang(0.05)])
def test_a_lost_connection_raises(ask: Ask, answer: Answer) -> None:
    with (
        served([answer]) as (server, client),
        pytest.raises((anthropic.APIConnectionError, httpx2.RemoteProtocolError)),
    ):
        ask(client)
    assert (len(server.requests), server.delivered) == (1, 0)


def test_the_client_wraps_no_error_that_comes_once_a_stream_has_begun() -> None:
    with served([Drop(1), Reply(TEXT, chunk_s=60)], timeout=0.1) as (_, client):
        with pytest.raises(httpx2.RemoteProtocolError):
            stream(client)
        with pytest.raises(httpx2.ReadTimeout):
            stream(client)


def test_closing_ends_a_silence_and_an_idle_connection(
    ask: Ask, capfd: pytest.CaptureFixture[str]
) -> None:
    threads = threading.active_count()
    with served([Hang(60)], timeout=0.1) as (server, client):
        idle = socket.create_connection(("127.0.0.1", server.server_port))
        with pytest.raises(anthropic.APITimeoutError):
            ask(client)
        began = time.monotonic()
    assert time.monotonic() - began < 1
    idle.close()
    assert threading.active_count() == threads
    assert capfd.readouterr() == ("", "")


def test_a_reply_that_nobody_waits_for_is_not_delivered(capfd: pytest.CaptureFixture[str]) -> None:
    with served([Reply(TEXT, chunk_s=60)]) as (server, client):
        with client.messages.stream(**question()) as answer:
            first = next(answer.text_stream)
        assert TEXT.startswith(first)
    assert server.delivered == 0
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<html></html>", "text/html"),
        (b"{}", "application/json"),
        (b"noise\n\n", "text/event-stream"),
    ],
)
def test_an_answer_that_is_no_message_makes_none(body: bytes, content_type: str) -> None:
    with served([Raw(200, body, content_type)]) as (_, client):
        with pytest.raises(AssertionError):
            stream(client)
        assert getattr(create(client), "content", None) is None


PROMPTLY = {"retry-after-ms": "1"}


@pytest.mark.parametrize(
    ("answer", "requests"),
    [
        (Fault(408, headers=PROMPTLY), 3),
        (Fault(429, headers=PROMPTLY), 3),
        (Fault(500, headers=PROMPTLY), 3),
        (Fault(529, headers=PROMPTLY), 3),
        (Fault(400, headers=PROMPTLY), 1),
        (StreamFault(), 1),
        (Drop(1), 1),
    ],
)
def test_the_client_repeats_what_failed_before_the_stream(answer: Answer, requests: int) -> None:
    with (
        served([answer], max_retries=2) as (server, client),
        pytest.raises((anthropic.APIError, httpx2.TransportError)),
    ):
        stream(client)
    assert len(server.requests) == requests


def test_the_client_repeats_an_unanswered_request() -> None:
    with served([Drop(0), Reply(TEXT)], max_retries=1) as (server, client):
        assert stream(client).stop_reason == "end_turn"
    assert [request.headers["x-stainless-retry-count"] for request in server.requests] == ["0", "1"]


def test_no_request_goes_out_without_credentials(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [name for name in os.environ if name.startswith("ANTHROPIC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    with (
        MessagesServer([Reply(TEXT)]) as server,
        anthropic.Anthropic(base_url=server.url) as client,
    ):
        assert (client.api_key, client.auth_token, client.credentials) == (None, None, None)
        with pytest.raises(TypeError, match="authentication"):
            ask(client)
    assert server.requests == []


def test_other_paths_and_methods_are_not_found() -> None:
    with served([Reply(TEXT)]) as (server, client):
        with pytest.raises(anthropic.NotFoundError) as caught:
            client.models.list()
        assert caught.value.type == "not_found_error"
        with pytest.raises(anthropic.NotFoundError):
            client.get("/v1/messages", cast_to=object)
    assert [request.method for request in server.requests] == ["GET", "GET"]


def test_what_a_script_raises_is_raised_at_the_end() -> None:
    def script(request: Request, number: int) -> Answer:
        raise LookupError("no answer left")

    with (
        pytest.raises(LookupError, match="no answer left"),
        served(script) as (_, client),
        pytest.raises(anthropic.APIConnectionError),
    ):
        create(client)
