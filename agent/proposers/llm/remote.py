"""A service over HTTP: one question with its answer, and every failure of that."""

import json
import time
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import httpx2

from agent.proposers.llm.bounded import bound
from agent.proposers.llm.connection import Api, Client, asked_at, one_line, root_cause, words_of
from agent.proposers.llm.retry_after import asked_to_wait_s
from agent.proposers.llm.service import (
    LONGEST_MESSAGE,
    LONGEST_S,
    LONGEST_STREAM,
    Reply,
    Service,
    ServiceError,
    Turns,
)

SILENCE_S = 300.0
"""Seconds without a byte before a call has failed."""
PAUSES_S = (1.0, 4.0)
"""Before each repeat of a call that was refused."""
MOST_COUNT = 10**8
"""Tokens of a call; a larger count is no count."""
SHOWN = 80
"""Characters of an answer that is of another API."""
UNPAID = 402
PASSING = {408, 409, 425, 429}
"""Statuses from 300 to 499 that may pass; the others last until their cause is removed."""

Question = Callable[[], AbstractContextManager[Any]]
"""Sends a question; its context is the stream of the answer, with the `response` below it."""


class Failures(NamedTuple):
    """Exceptions of a vendor's client; `api` is a base of the others."""

    api: type[Exception]
    status: type[Exception]
    connection: type[Exception]
    timeout: type[Exception]


class Remote(Service):
    """A service that is asked through its vendor's client, which repeats nothing by itself."""

    api: Api
    failures: Failures

    def __init__(
        self, model: str, client: Client, secrets: Sequence[str], pauses_s: Sequence[float]
    ) -> None:
        super().__init__(model, secrets)
        self._connection, self._pauses_s = client, pauses_s
        self._until = 0.0
        self._sent = self._begun = False
        """Whether the last question has been sent, at least in part, and its answer has begun."""
        self._at = ""
        """Host and port that it was last sent to."""

    def close(self) -> None:
        self._connection.close()

    def ask(
        self, system: str, turns: Turns, schema: Mapping[str, object], max_tokens: int
    ) -> Reply:
        """One call, streamed; the answer is JSON after `schema`.

        Secrets are cut from `system` and `turns`, the only texts that leave. A call that certainly
        was not worked on is repeated. Raises ServiceError.
        """
        said = [{**turn, "content": self._redaction.cut(turn["content"])} for turn in turns]
        question = self._question(self._redaction.cut(system), said, schema, max_tokens)
        for pause_s in self._pauses_s:
            try:
                return self._once(question)
            except ServiceError as error:
                if error.lasting or error.maybe_billed:
                    raise
                time.sleep(max(pause_s, error.wait_s))
        return self._once(question)

    @abstractmethod
    def _question(
        self, system: str, turns: Turns, schema: Mapping[str, object], max_tokens: int
    ) -> Question:
        """The question in the form of the vendor's client."""

    @abstractmethod
    def _streamed(self, stream: Any) -> Reply | None:
        """The answer in a stream, None where it has none; sets `_begun` at its beginning."""

    @abstractmethod
    def _whole(self, content: Mapping[str, Any]) -> Reply | None:
        """The answer in an object that was not streamed, None where it is of another API."""

    def _watch(self, request: httpx2.Request) -> None:
        """Note when the question itself is sent; before that only a connection is made.

        Where the address redirects, it is sent again, and nobody has worked on it before.
        """
        self._sent, self._at = False, request.url.netloc.decode()

        def traced(event: str, about: Mapping[str, Any]) -> None:
            # a proxy is first asked to connect
            if event.endswith("send_request_body.started") and about["request"].method == b"POST":
                self._sent = True

        request.extensions = {**request.extensions, "trace": traced}

    def _once(self, question: Question) -> Reply:
        self._until = time.monotonic() + LONGEST_S
        self._sent = self._begun = False
        self._at = ""
        try:
            with question() as stream:
                kind = stream.response.headers.get("content-type", "")
                if "text/event-stream" not in kind:
                    return self._unstreamed(stream.response, kind)
                reply = self._streamed(stream)
                if reply is None:
                    raise self._foreign("a stream without a message")
                return reply
        except ServiceError:
            raise
        except Exception as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> ServiceError:
        if isinstance(error.__cause__, ServiceError):
            return error.__cause__
        if isinstance(error, self.failures.status) and getattr(error, "status_code", 0) >= 300:
            return self._status_error(error)
        if isinstance(error, (self.failures.connection, httpx2.TransportError)):
            return self._connection_error(error)
        if isinstance(error, self.failures.api) and self._sent:
            # an error in the middle of a stream comes after the status of its beginning
            kind = getattr(error, "type", None) or "error"
            line = f"the answer broke off ({kind}: {self._said(error)})"
            return self._error(line, maybe_billed=True)
        if self._sent and not self._begun and isinstance(error, (ValueError, AttributeError)):
            return self._foreign(f"a stream that cannot be read ({self._said(error)})")
        failed = "the answer broke off or is no message" if self._sent else "nothing was sent"
        return self._error(f"{failed}: {self._said(error)}", maybe_billed=self._sent)

    def _bound(self, response: httpx2.Response) -> None:
        """Let its body be read for a limited time, and up to a limited size."""
        bound(response, self._still_waits)

    def _still_waits(self, size: int) -> None:
        if time.monotonic() > self._until:
            raise self._error("the answer took too long", maybe_billed=True)
        if size > LONGEST_STREAM:
            raise self._error(
                f"the answer is longer than {LONGEST_STREAM} bytes", maybe_billed=True
            )

    def _unstreamed(self, response: httpx2.Response, kind: str) -> Reply:
        """A whole message, as some gateways send it. Raises ServiceError for anything else."""
        body = b""
        for piece in response.iter_bytes():
            body += piece
            if len(body) > LONGEST_MESSAGE:
                break
        try:
            content = json.loads(body)
        except (ValueError, RecursionError):
            content = None
        reply = self._whole(content) if isinstance(content, dict) else None
        if reply is not None:
            return reply
        if isinstance(content, dict) and (said := words_of(content.get("error"))):
            # gateways pass the failure of a provider on so
            line = f"the service failed (status {response.status_code}: {said})"
            raise self._error(line, maybe_billed=True)
        text = body[:1000].decode("utf-8", "replace")
        page = "html" in kind or text.lstrip().startswith("<")
        raise self._foreign(f"{kind or 'no content type'}, {one_line(text)[:SHOWN]!r}", page=page)

    def _foreign(self, got: str, *, page: bool = False) -> ServiceError:
        """A 200 from elsewhere. No model writes a page; another API's answer may be billed."""
        line = f"the answer is not of the {self.api.name} (it is {got}); check {self.api.address}"
        return self._error(line, lasting=True, maybe_billed=not page)

    def _connection_error(self, error: Exception) -> ServiceError:
        if isinstance(error, (self.failures.timeout, httpx2.TimeoutException)):
            # a time-out has no further cause
            line = "the service did not answer in time" if self._sent else "no connection in time"
        elif isinstance(error.__cause__, httpx2.TooManyRedirects):
            return self._error(_reason(self.api, 300), lasting=True)
        else:
            failed = "the connection was lost" if self._sent else "cannot reach the service"
            own = self._connection.base_url.netloc.decode()
            elsewhere = self._at not in ("", own)
            redirected = f" at {self._at}, where the address leads" if elsewhere else ""
            line = f"{failed}{redirected}: {self._said(error)}"
        return self._error(line, maybe_billed=self._sent)

    def _status_error(self, error: Any) -> ServiceError:
        # some services say so with the status for too many requests
        unpaid = getattr(error, "code", None) == "insufficient_quota"
        status = UNPAID if unpaid else error.status_code
        line = f"{_reason(self.api, status)} (status {error.status_code}: {self._said(error)})"
        lasting = status < 500 and status not in PASSING
        return self._error(line, lasting=lasting, wait_s=asked_to_wait_s(error.response.headers))

    def _error(self, line: str, **kind: Any) -> ServiceError:
        """`kind` as ServiceError takes it."""
        where = asked_at(self.api, self._connection)
        return ServiceError(self._redaction.cut(f"{line}; asked {where}"), **kind)

    def _said(self, error: Exception) -> str:
        if said := words_of(getattr(error, "body", None)):
            return said
        status = isinstance(error, self.failures.status)
        return one_line(error) if status else root_cause(error)


def count(value: object) -> int | None:
    """A number of tokens; None for a value that is none."""
    return value if type(value) is int and 0 <= value <= MOST_COUNT else None


def _reason(api: Api, status: int) -> str:
    if 300 <= status < 400:
        return f"the address leads elsewhere; check {api.address}"
    reasons = {
        401: f"the service refused the API key; check {api.key}",
        UNPAID: "the account cannot pay; check its credit",
        403: "this API key may not do that; check its rights, or choose another --model",
        404: f"no such model or address; check --model and {api.address}",
        407: "the proxy asks for a password; check HTTPS_PROXY and HTTP_PROXY",
        413: "the prompt is too large for the service",
        429: "the service asks to slow down",
        529: "the service is overloaded",
    }
    usual = "the service refused the request" if status < 500 else "the service failed"
    return reasons.get(status, usual)
