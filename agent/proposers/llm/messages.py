"""The Messages API: one question with its answer, and every failure of that."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

import anthropic
import httpx2
from anthropic.lib.streaming import MessageStreamManager
from anthropic.types import Message, MessageParam, TextBlockParam

from agent.proposers.llm.connection import asked_at, one_line, open_client, root_cause, secrets_of
from agent.proposers.llm.prices import Usage
from agent.proposers.llm.redaction import Redaction
from agent.proposers.llm.service import Reply, Service, ServiceError

DEFAULT_MODEL = "claude-opus-5-5"
SILENCE_S = 300.0
"""Seconds without a byte before a call has failed."""
LONGEST_S = 1800.0
"""Seconds of an answer before it has failed."""
PAUSES_S = (1.0, 4.0)
"""Before each repeat of a call that was refused."""
MOST_COUNT = 10**8
"""Tokens of a call; a larger count is no count."""
SHOWN = 80
"""Characters of an answer that is not of this API."""
LONGEST_MESSAGE = 2**22
"""Bytes of an answer that is not streamed."""

REASONS = {
    **dict.fromkeys(range(300, 400), "the address leads elsewhere; check ANTHROPIC_BASE_URL"),
    400: "the service refused the request",
    401: "the service refused the API key; check ANTHROPIC_API_KEY",
    402: "the account cannot pay; check its credit",
    403: "this API key may not do that; check its rights, or choose another --model",
    404: "no such model or address; check --model and ANTHROPIC_BASE_URL",
    407: "the proxy asks for a password; check HTTPS_PROXY and HTTP_PROXY",
    413: "the prompt is too large for the service",
    429: "the service asks to slow down",
    529: "the service is overloaded",
}
PASSING = {408, 409, 425, 429}
"""Statuses from 300 to 499 that may pass; the others last until their cause is removed."""


class Messages(Service):
    """A client for one model; key and address come from the environment."""

    def __init__(
        self, model: str, silence_s: float = SILENCE_S, pauses_s: Sequence[float] = PAUSES_S
    ) -> None:
        """Raises ServiceError where key, address or connection cannot be used."""
        self.model = model
        self._pauses_s = pauses_s
        self._client = open_client(silence_s, self._watch)
        self._redaction = Redaction()
        self._sent = False
        """Whether the last question has been sent, at least in part."""
        for secret in secrets_of(self._client):
            self.hide(secret)

    def hide(self, secret: str) -> None:
        """Cut `secret` from every text that is sent from now on, and from every error."""
        self._redaction.hide(secret)

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

        Secrets are cut from `system` and `turns`, the only texts that leave. A call that certainly
        was not worked on is repeated. Raises ServiceError.
        """
        said = [{**turn, "content": self._redaction.cut(turn["content"])} for turn in turns]
        stable: TextBlockParam = {
            "type": "text",
            "text": self._redaction.cut(system),
            "cache_control": {"type": "ephemeral"},
        }
        question = partial(
            self._client.messages.stream,
            model=self.model,
            max_tokens=max_tokens,
            system=[stable],
            messages=cast("Sequence[MessageParam]", said),
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

    def _watch(self, request: httpx2.Request) -> None:
        """Note when the question itself is sent; before that only a connection is made."""

        def traced(event: str, about: Mapping[str, Any]) -> None:
            # a proxy is first asked to connect
            if event.endswith("send_request_body.started") and about["request"].method == b"POST":
                self._sent = True

        request.extensions = {**request.extensions, "trace": traced}

    def _once(self, question: Callable[[], MessageStreamManager[None]]) -> Reply:
        until, message = time.monotonic() + LONGEST_S, False
        self._sent = False
        try:
            with question() as stream:
                kind = stream.response.headers.get("content-type", "")
                if "text/event-stream" not in kind:
                    return self._unstreamed(stream.response, kind, until)
                for event in stream:
                    message = message or event.type == "message_start"
                    self._still_waits(until)
                if not message:
                    raise self._foreign("a stream without a message")
                return self._reply(stream.get_final_message())
        except ServiceError:
            raise
        except anthropic.APIStatusError as error:
            raise self._status_error(error) from error
        except (anthropic.APIConnectionError, httpx2.TransportError) as error:
            raise self._connection_error(error) from error
        except Exception as error:
            if self._sent and not message and isinstance(error, (ValueError, AttributeError)):
                got = f"a stream that cannot be read ({self._said(error)})"
                raise self._foreign(got) from error
            failed = "the answer broke off or is no message" if self._sent else "nothing was sent"
            raise self._error(f"{failed}: {self._said(error)}", maybe_billed=self._sent) from error

    def _still_waits(self, until: float) -> None:
        if time.monotonic() > until:
            raise self._error("the answer took too long", maybe_billed=True)

    def _unstreamed(self, response: httpx2.Response, kind: str, until: float) -> Reply:
        """A whole message, as some gateways send it. Raises ServiceError for anything else."""
        body = b""
        for piece in response.iter_bytes():
            body += piece
            self._still_waits(until)
            if len(body) > LONGEST_MESSAGE:
                break
        try:
            content = json.loads(body)
        except (ValueError, RecursionError):
            content = None
        if isinstance(content, dict) and content.get("type") == "message":
            return self._reply(Message.construct(**content))
        text = body[:1000].decode("utf-8", "replace")
        page = "html" in kind or text.lstrip().startswith("<")
        raise self._foreign(f"{kind or 'no content type'}, {one_line(text)[:SHOWN]!r}", page=page)

    def _reply(self, message: Message) -> Reply:
        if message.stop_reason is None:
            raise self._error("the answer broke off", maybe_billed=True)
        # nothing of an answer is validated by the client
        blocks: Sequence[Any] = message.content or []
        kinds = [one_line(str(getattr(block, "type", "?")))[:SHOWN] for block in blocks]
        texts = [block.text for block in blocks if getattr(block, "type", None) == "text"]
        text = "".join(text or "" for text in texts).encode("utf-8", "replace").decode()
        return Reply(text, message.stop_reason, _usage(message.usage), tuple(dict.fromkeys(kinds)))

    def _foreign(self, got: str, *, page: bool = False) -> ServiceError:
        """A 200 from elsewhere. No model writes a page; another API's answer may be billed."""
        line = f"the answer is not of the Messages API (it is {got}); check ANTHROPIC_BASE_URL"
        return self._error(line, lasting=True, maybe_billed=not page)

    def _connection_error(self, error: Exception) -> ServiceError:
        if isinstance(error, (anthropic.APITimeoutError, httpx2.TimeoutException)):
            # a time-out has no further cause
            line = "the service did not answer in time" if self._sent else "no connection in time"
        else:
            failed = "the connection was lost" if self._sent else "cannot reach the service"
            line = f"{failed}: {self._said(error)}"
        return self._error(line, maybe_billed=self._sent)

    def _status_error(self, error: anthropic.APIStatusError) -> ServiceError:
        status, said = error.status_code, self._said(error)
        if status < 300:
            # an error in the middle of a stream comes with the status of its beginning
            return self._error(f"the answer broke off ({error.type}: {said})", maybe_billed=True)
        usual = "the service refused the request" if status < 500 else "the service failed"
        reason = REASONS.get(status, usual)
        line = f"{reason} (status {status}: {said})"
        lasting = status < 500 and status not in PASSING
        return self._error(line, lasting=lasting, wait_s=_asked_to_wait_s(error))

    def _error(self, line: str, **kind: Any) -> ServiceError:
        """`kind` as ServiceError takes it."""
        return ServiceError(self._redaction.cut(f"{line}; asked {asked_at(self._client)}"), **kind)

    def _said(self, error: Exception) -> str:
        body = getattr(error, "body", None)
        inner = body.get("error") if isinstance(body, dict) else None
        said = inner.get("message") if isinstance(inner, dict) else None
        if said:
            return one_line(str(said))
        status = isinstance(error, anthropic.APIStatusError)
        return one_line(error) if status else root_cause(error)


def _usage(used: Any) -> Usage | None:
    """Tokens by kind; None where the reported values are no counts."""
    kinds = ("input_tokens", "output_tokens")
    to_cache = ("cache_creation_input_tokens", "cache_read_input_tokens")
    counts = [getattr(used, kind, None) for kind in kinds]
    # a service may report nothing of its cache
    counts += [0 if (count := getattr(used, kind, None)) is None else count for kind in to_cache]
    valid = [c for c in counts if type(c) is int and 0 <= c <= MOST_COUNT]
    return Usage(*valid) if len(valid) == len(counts) else None


def _asked_to_wait_s(error: anthropic.APIStatusError) -> float:
    """Seconds that the service asks to wait, limited to a minute."""
    try:
        return min(60.0, max(0.0, float(error.response.headers.get("retry-after", 0))))
    except ValueError:
        return 0.0
