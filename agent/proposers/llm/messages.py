"""Anthropic's Messages API."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, cast

import anthropic
import httpx2
from anthropic.types import Message, MessageParam, TextBlockParam

from agent.proposers.llm.connection import (
    Api,
    Keys,
    one_line,
    open_client,
    open_http,
    secrets_of,
)
from agent.proposers.llm.prices import Price, Usage, price_of
from agent.proposers.llm.remote import (
    PAUSES_S,
    SHOWN,
    SILENCE_S,
    Failures,
    Question,
    Remote,
    count,
)
from agent.proposers.llm.service import NoKeyError, Reply, Turns


class Messages(Remote):
    """A client for one model; key and address come from the environment."""

    api = Api(
        name="Messages API",
        path="v1/messages",
        address="ANTHROPIC_BASE_URL",
        example="https://api.anthropic.com",
        extra="(/v1(/messages)?)?",
        key="ANTHROPIC_API_KEY",
        headers="ANTHROPIC_CUSTOM_HEADERS",
    )
    failures = Failures(
        anthropic.APIError,
        anthropic.APIStatusError,
        anthropic.APIConnectionError,
        anthropic.APITimeoutError,
    )

    def __init__(
        self, model: str, silence_s: float = SILENCE_S, pauses_s: Sequence[float] = PAUSES_S
    ) -> None:
        """Raises ServiceError where key, address or connection cannot be used."""
        http = open_http(anthropic.DefaultHttpxClient, silence_s, self._watch, self._bound)
        client = open_client(self.api, http, partial(_client, http), _keys)
        self._client = client
        super().__init__(model, client, secrets_of(client, _keys(client)), pauses_s)

    def price(self) -> Price:
        return price_of(self.model)

    def _question(
        self, system: str, turns: Turns, schema: Mapping[str, object], max_tokens: int
    ) -> Question:
        """`system` is cached."""
        stable: TextBlockParam = {
            "type": "text",
            "text": system,
            "cache_control": {"type": "ephemeral"},
        }
        return partial(
            self._client.messages.stream,
            model=self.model,
            max_tokens=max_tokens,
            system=[stable],
            messages=cast("Sequence[MessageParam]", turns),
            output_config={"format": {"type": "json_schema", "schema": dict(schema)}},
        )

    def _streamed(self, stream: Any) -> Reply | None:
        for event in stream:
            self._begun = self._begun or event.type == "message_start"
        return self._reply(stream.get_final_message()) if self._begun else None

    def _whole(self, content: Mapping[str, Any]) -> Reply | None:
        of_this_api = content.get("type") == "message"
        return self._reply(Message.construct(**content)) if of_this_api else None

    def _reply(self, message: Message) -> Reply:
        # a service may send anything
        stopped: object = message.stop_reason
        if not isinstance(stopped, str):
            raise self._error("the answer broke off", maybe_billed=True)
        # nothing of an answer is validated by the client
        blocks: Sequence[Any] = message.content or []
        kinds = [one_line(str(getattr(block, "type", "?")))[:SHOWN] for block in blocks]
        texts = [block.text for block in blocks if getattr(block, "type", None) == "text"]
        text = "".join(text or "" for text in texts).encode("utf-8", "replace").decode()
        return Reply(text, stopped, _usage(message.usage), tuple(dict.fromkeys(kinds)))


def _client(http: httpx2.Client, address: str | None) -> anthropic.Anthropic:
    # the client would also repeat calls that may have been billed, and wait without a bound
    client = anthropic.Anthropic(
        base_url=address, timeout=http.timeout, max_retries=0, http_client=http
    )
    if client.api_key is None and client.auth_token is None and client.credentials is None:
        raise NoKeyError("no API key: set ANTHROPIC_API_KEY", lasting=True)
    return client


def _keys(client: anthropic.Anthropic) -> Keys:
    return {"ANTHROPIC_API_KEY": client.api_key, "ANTHROPIC_AUTH_TOKEN": client.auth_token}


def _usage(used: Any) -> Usage | None:
    """Tokens by kind; None where the reported values are no counts."""
    kinds = ("input_tokens", "output_tokens")
    to_cache = ("cache_creation_input_tokens", "cache_read_input_tokens")
    reported = [getattr(used, kind, None) for kind in kinds]
    # a service may report nothing of its cache
    cached = [getattr(used, kind, None) for kind in to_cache]
    reported += [0 if value is None else value for value in cached]
    counts = [valid for value in reported if (valid := count(value)) is not None]
    return Usage(*counts) if len(counts) == len(reported) else None
