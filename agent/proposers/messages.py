"""The Messages API: one question with its answer, and every way in which that can fail."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

import anthropic
import httpx2
from anthropic.lib.streaming import MessageStreamManager
from anthropic.types import Message, MessageParam, TextBlockParam

from agent.proposers.prices import Usage
from agent.proposers.service import Reply, Service, ServiceError

DEFAULT_MODEL = "claude-opus-5-5"
SILENCE_S = 300.0
"""Seconds without a byte after which a call has failed."""
LONGEST_S = 1800.0
"""Seconds after which an answer that still goes on has failed."""
PAUSES_S = (1.0, 4.0)
"""Before a call that was turned away is made again."""
MOST_COUNT = 10**8
"""Tokens that a call can have; what reports more reports nothing."""
SAID = 200
"""Characters, at most, of what the service says of an error."""

REASONS = {
    400: "the service refused the request",
    401: "the service refused the API key; check ANTHROPIC_API_KEY",
    402: "the account cannot pay; check its credit",
    403: "this API key may not do that; check its rights, or choose another --model",
    404: "no such model or address; check --model and ANTHROPIC_BASE_URL",
    413: "the prompt is too large for the service",
    429: "the service asks to slow down",
    529: "the service is overloaded",
}
LASTING = {400, 401, 402, 403, 404, 413, 422}
"""Statuses that come again until somebody mends what is wrong."""


class Messages:
    """A client for one model. Key and address come from the environment, as the client has it."""

    def __init__(
        self, model: str, silence_s: float = SILENCE_S, pauses_s: Sequence[float] = PAUSES_S
    ) -> None:
        """Raises ServiceError where there is no key."""
        self.model = model
        self._pauses_s = pauses_s
        try:
            # the client would also repeat what may have been billed, and wait as long as it is told
            self._client = anthropic.Anthropic(timeout=silence_s, max_retries=0)
        except (anthropic.AnthropicError, ValueError, TypeError) as error:
            raise ServiceError(f"no client: {_line(error)}", lasting=True) from error
        client = self._client
        if client.api_key is None and client.auth_token is None and client.credentials is None:
            raise ServiceError("no API key: set ANTHROPIC_API_KEY", lasting=True)

    def close(self) -> None:
        self._client.close()

    def ask(
        self,
        system: str,
        turns: Sequence[Mapping[str, str]],
        schema: Mapping[str, object],
        max_tokens: int,
    ) -> Reply:
        """One call, streamed; `system` is cached, the answer is JSON after `schema`.

        What was certainly not worked on is repeated. Raises ServiceError.
        """
        stable: TextBlockParam = {
            "type": "text",
            "text": system,
            "cache_control": {"type": "ephemeral"},
        }
        question = partial(
            self._client.messages.stream,
            model=self.model,
            max_tokens=max_tokens,
            system=[stable],
            messages=cast("Sequence[MessageParam]", turns),
            output_config={"format": {"type": "json_schema", "schema": dict(schema)}},
        )
        for pause_s in self._pauses_s:
            try:
                return self._once(question)
            except ServiceError as error:
                if error.lasting or error.maybe_billed:
                    raise
                time.sleep(max(pause_s, error.wait_s))
        return self._once(question)

    def _once(self, question: Callable[[], MessageStreamManager[None]]) -> Reply:
        began = time.monotonic()
        try:
            with question() as stream:
                for _ in stream:
                    if time.monotonic() - began > LONGEST_S:
                        raise ServiceError("the answer took too long", maybe_billed=True)
                return _reply(stream.get_final_message())
        except ServiceError:
            raise
        except anthropic.APIStatusError as error:
            raise self._status_error(error) from error
        except anthropic.APITimeoutError as error:
            raise ServiceError("the service did not answer in time", maybe_billed=True) from error
        except anthropic.APIConnectionError as error:
            where = self._client.base_url.copy_with(userinfo=b"", query=None)
            # who was never reached has not worked
            reached = not isinstance(error.__cause__, (httpx2.ConnectError, httpx2.ConnectTimeout))
            line = f"cannot reach {where}: {self._said(error)}"
            raise ServiceError(line, maybe_billed=reached) from error
        except TypeError as error:
            raise ServiceError(f"no API key: {self._said(error)}", lasting=True) from error
        except Exception as error:
            # the connection was lost in mid-answer, or what came is no message
            reason = f"the answer broke off or is no message: {self._said(error)}"
            raise ServiceError(reason, maybe_billed=True) from error

    def _status_error(self, error: anthropic.APIStatusError) -> ServiceError:
        status, said = error.status_code, self._said(error)
        if status < 400:
            # an error in the middle of a stream comes with the status of its beginning
            return ServiceError(f"the answer broke off ({error.type}: {said})", maybe_billed=True)
        reason = REASONS.get(status, "the service failed")
        line = f"{reason} (status {status}: {said})"
        return ServiceError(line, lasting=status in LASTING, wait_s=_asked_to_wait_s(error))

    def _said(self, error: Exception) -> str:
        body = getattr(error, "body", None)
        inner = body.get("error") if isinstance(body, dict) else None
        said = inner.get("message") if isinstance(inner, dict) else None
        line = _line(error) if not said else " ".join(str(said).split())[:SAID]
        for secret in (self._client.api_key, self._client.auth_token):
            line = line.replace(secret, "***") if secret else line
        return line


def _line(error: Exception) -> str:
    return " ".join((str(error) or type(error).__name__).split())[:SAID]


def _reply(message: Message) -> Reply:
    if message.stop_reason is None:
        raise ServiceError("the answer broke off", maybe_billed=True)
    # nothing of an answer is validated by the client
    blocks: Sequence[Any] = message.content or []
    texts = [block.text for block in blocks if getattr(block, "type", None) == "text"]
    text = "".join(text or "" for text in texts).encode("utf-8", "replace").decode()
    return Reply(text, message.stop_reason, _usage(message.usage))


def _usage(used: Any) -> Usage | None:
    """Tokens by kind; None where what was reported are no counts."""
    kinds = ("input_tokens", "output_tokens")
    to_cache = ("cache_creation_input_tokens", "cache_read_input_tokens")
    counts = [getattr(used, kind, None) for kind in kinds]
    # of the cache a service may tell nothing
    counts += [0 if (count := getattr(used, kind, None)) is None else count for kind in to_cache]
    valid = [c for c in counts if type(c) is int and 0 <= c <= MOST_COUNT]
    return Usage(*valid) if len(valid) == len(counts) else None


def _asked_to_wait_s(error: anthropic.APIStatusError) -> float:
    """Seconds, a minute at most, that the service asks to wait."""
    try:
        return min(60.0, max(0.0, float(error.response.headers.get("retry-after", 0))))
    except ValueError:
        return 0.0


_: type[Service] = Messages
