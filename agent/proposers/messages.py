"""The Messages API: one question with its answer, and every way in which that can fail."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, cast

import anthropic
from anthropic.types import Message, MessageParam, TextBlockParam

from agent.proposers.prices import Usage
from agent.proposers.service import Reply, Service, ServiceError

DEFAULT_MODEL = "claude-opus-5-5"
SILENCE_S = 300.0
"""Seconds without a byte after which a call has failed."""
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

    def __init__(self, model: str, silence_s: float = SILENCE_S, max_retries: int = 2) -> None:
        """Raises ServiceError where there is no key."""
        self.model = model
        try:
            self._client = anthropic.Anthropic(timeout=silence_s, max_retries=max_retries)
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

        The client repeats what may pass by itself twice. Raises ServiceError.
        """
        stable: TextBlockParam = {
            "type": "text",
            "text": system,
            "cache_control": {"type": "ephemeral"},
        }
        try:
            with (
                warnings.catch_warnings(action="ignore", category=DeprecationWarning),
                self._client.messages.stream(
                    model=self.model,
                    max_tokens=max_tokens,
                    system=[stable],
                    messages=cast("Sequence[MessageParam]", turns),
                    output_config={"format": {"type": "json_schema", "schema": dict(schema)}},
                ) as stream,
            ):
                message = stream.get_final_message()
            return _reply(message)
        except ServiceError:
            raise
        except anthropic.APIStatusError as error:
            raise self._status_error(error) from error
        except anthropic.APITimeoutError as error:
            raise ServiceError("the service did not answer in time", maybe_billed=True) from error
        except anthropic.APIConnectionError as error:
            where = self._client.base_url
            raise ServiceError(f"cannot reach {where}: {self._said(error)}") from error
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
        return ServiceError(f"{reason} (status {status}: {said})", lasting=status in LASTING)

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
    used = message.usage
    usage = None
    if used is not None and used.input_tokens is not None and used.output_tokens is not None:
        usage = Usage(
            used.input_tokens,
            used.output_tokens,
            used.cache_creation_input_tokens or 0,
            used.cache_read_input_tokens or 0,
        )
    return Reply("".join(text or "" for text in texts), message.stop_reason, usage)


_: type[Service] = Messages
