"""Chat completions: the API of OpenAI, and of Ollama, vLLM and gateways, which have it too."""

import math
import os
import re
from collections.abc import Mapping, Sequence
from functools import partial
from ipaddress import ip_address
from typing import Any

import httpx2
import openai
from openai.types.chat import ChatCompletion
from openai.types.chat.completion_create_params import ResponseFormat

from agent.proposers.llm.connection import Api, Keys, open_client, open_http, secrets_of
from agent.proposers.llm.prices import FREE, Price, Usage, price_of
from agent.proposers.llm.remote import (
    PAUSES_S,
    SILENCE_S,
    Failures,
    Question,
    Remote,
    count,
)
from agent.proposers.llm.service import NoKeyError, Reply, ServiceError, Turns
from agent.proposers.llm.structured import with_schema

LONGEST_TEXT = 2**18
"""Characters of an answer that are read; small models may repeat themselves without end."""
STOPPED = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}
"""Reasons to stop, as the Messages API calls them."""
THOUGHTS = ("reasoning", "reasoning_content")
"""Fields of several services that are not of the API."""
LIMITS = ("max_tokens", "max_completion_tokens")
"""Old and new name of the longest answer in tokens. OpenAI's reasoning models know the new one
alone, several other services the old one."""
SMALLER = re.compile("too large|too long|at most|maximum|exceed", re.I)
"""A refusal of a limit because the service's own is smaller."""
PRIVATE = (".localhost", ".local", ".internal")


class Chat(Remote):
    """A client for one model; key and address come from the environment."""

    api = Api(
        name="chat completions API",
        path="chat/completions",
        address="OPENAI_BASE_URL",
        example="http://127.0.0.1:11434/v1",
        extra="(/chat/completions)?",
        key="OPENAI_API_KEY",
        headers="OPENAI_CUSTOM_HEADERS",
    )
    failures = Failures(
        openai.APIError, openai.APIStatusError, openai.APIConnectionError, openai.APITimeoutError
    )

    def __init__(
        self, name: str, silence_s: float = SILENCE_S, pauses_s: Sequence[float] = PAUSES_S
    ) -> None:
        """Raises ServiceError where key, address or connection cannot be used."""
        http = open_http(openai.DefaultHttpxClient, silence_s, self._watch, self._bound)
        client = open_client(self.api, http, partial(_client, http), _keys)
        self._client, self._name = client, name
        own = client.base_url.host == "api.openai.com"
        self._limits = list(reversed(LIMITS)) if own else list(LIMITS)
        """Names to try, the one in use first."""
        self._too_large = math.inf
        """The smallest limit that the service refused as larger than its own: from it on none is
        sent, since the service's own is smaller still."""
        self._optional = {"response_format", "stream_options"}
        """Arguments that are still sent, and that not every service knows."""
        super().__init__(f"openai:{name}", client, secrets_of(client, _keys(client)), pauses_s)

    def price(self) -> Price:
        try:
            return price_of(self._name)
        except ValueError as error:
            host = self._client.base_url.host
            if _is_local(host):
                return FREE
            raise ValueError(
                f"no price is known for {self._name!r} at {host}; give --price IN/OUT in dollars a "
                "million tokens, 0/0 where it costs nothing"
            ) from error

    def ask(
        self, system: str, turns: Turns, schema: Mapping[str, object], max_tokens: int
    ) -> Reply:
        """As every remote service; arguments that the service refuses are left out from then on."""
        while True:
            try:
                return super().ask(system, turns, schema, max_tokens)
            except ServiceError as error:
                if not self._adapts(error.__cause__, max_tokens):
                    raise

    def _adapts(self, refused: BaseException | None, max_tokens: int) -> bool:
        """Leave out what a refusal names, else the form of the answer; False where neither is."""
        if not isinstance(refused, openai.BadRequestError | openai.UnprocessableEntityError):
            return False
        said = f"{refused.param} {refused.message} {refused.body}"
        if max_tokens < self._too_large and self._limits[0] in said:
            if SMALLER.search(said):
                self._too_large = max_tokens
            elif len(self._limits) > 1:
                del self._limits[0]
            else:
                return False
            return True
        for argument in ("stream_options", "response_format"):
            if argument in self._optional and (argument in said or argument == "response_format"):
                self._optional.remove(argument)
                return True
        return False

    def _question(
        self, system: str, turns: Turns, schema: Mapping[str, object], max_tokens: int
    ) -> Question:
        """The schema is in the text too, since not every service shows it to the model."""
        stable = {"role": "system", "content": with_schema(system, schema)}
        form: ResponseFormat = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": dict(schema), "strict": True},
        }
        optional = {"response_format": form, "stream_options": {"include_usage": True}}
        more = {name: optional[name] for name in self._optional}
        create: Any = self._client.chat.completions.create
        return partial(
            create,
            model=self._name,
            messages=[stable, *turns],
            stream=True,
            **more,
            **({self._limits[0]: max_tokens} if max_tokens < self._too_large else {}),
        )

    def _streamed(self, stream: Any) -> Reply | None:
        texts: list[str] = []
        kinds: list[str] = []
        stopped, used = None, None
        for chunk in stream:
            # a service may end with a chunk that has nothing but the usage
            choices = getattr(chunk, "choices", None)
            self._begun = self._begun or isinstance(choices, list)
            used = chunk.usage or used
            for choice in choices or []:
                texts.append(_text(choice.delta))
                kinds += _kinds(choice.delta)
                stopped = choice.finish_reason or stopped
            if sum(map(len, texts)) > LONGEST_TEXT:
                stopped = "length"
                break
        return self._reply(texts, kinds, stopped, used) if self._begun else None

    def _whole(self, content: Mapping[str, Any]) -> Reply | None:
        if not isinstance(content.get("choices"), list):
            return None
        completion = ChatCompletion.construct(**content)
        if not completion.choices:
            return self._reply([], [], None, completion.usage)
        choice = completion.choices[0]
        said = choice.message
        return self._reply([_text(said)], _kinds(said), choice.finish_reason, completion.usage)

    def _reply(
        self, texts: Sequence[str], kinds: Sequence[str], stopped: object, used: Any
    ) -> Reply:
        if not isinstance(stopped, str):
            raise self._error("the answer broke off", maybe_billed=True)
        text = "".join(texts).encode("utf-8", "replace").decode()
        reason = "refusal" if "refusal" in kinds else STOPPED.get(stopped, stopped)
        return Reply(text, reason, _usage(used), tuple(dict.fromkeys(kinds)))


def _client(http: httpx2.Client, address: str | None) -> openai.OpenAI:
    key = os.environ.get("OPENAI_API_KEY")
    if not key:
        if not (address and _is_local(httpx2.URL(address).host)):
            raise NoKeyError("no API key: set OPENAI_API_KEY", lasting=True)
        # a service on this machine or in its network needs none, but the client wants one
        key = "none"
    return openai.OpenAI(
        api_key=key, base_url=address, timeout=http.timeout, max_retries=0, http_client=http
    )


def _keys(client: openai.OpenAI) -> Keys:
    return {"OPENAI_API_KEY": client.api_key}


def _is_local(host: str) -> bool:
    """Whether a host is this machine, or in its private network."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith(PRIVATE)


def _text(said: Any) -> str:
    """The text in a message or a part of one; some services give it in a list of blocks."""
    content = said.content or said.refusal or ""
    blocks = content if isinstance(content, list) else [content]
    texts = (block.get("text") if isinstance(block, dict) else block for block in blocks)
    return "".join(text for text in texts if isinstance(text, str))


def _kinds(said: Any) -> list[str]:
    """The kinds of content in a message or a part of one."""
    more = said.model_extra or {}
    kinds = ["thinking"] if any(more.get(name) for name in THOUGHTS) else []
    return kinds + [
        kind
        for kind, value in (
            ("text", said.content), ("refusal", said.refusal), ("tool_use", said.tool_calls)
        )
        if value
    ]  # fmt: skip


def _usage(used: Any) -> Usage | None:
    """Tokens by kind; None where the reported values are no counts."""
    details = getattr(used, "prompt_tokens_details", None)
    prompt, written = (getattr(used, name, None) for name in ("prompt_tokens", "completion_tokens"))
    cached = [getattr(details, name, None) or 0 for name in ("cache_write_tokens", "cached_tokens")]
    counts = [valid for n in (prompt, written, *cached) if (valid := count(n)) is not None]
    if len(counts) < 4:
        return None
    prompt, written, to_cache, from_cache = counts
    return Usage(max(0, prompt - to_cache - from_cache), written, to_cache, from_cache)
