"""A scripted local server that plays the APIs of services: see `helpers.forms`."""

import json
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from typing import Any, Self

from helpers.forms import FORMS, Command, Json, Messages, first_events, prompt_blocks, tokens

LAST_CHUNK = b"0\r\n\r\n"


@dataclass(frozen=True)
class Request:
    """What a client sent; header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: Json

    @property
    def turns(self) -> list[Json]:
        """What was said, without the system text."""
        return [turn for turn in self.body["messages"] if turn["role"] != "system"]


@dataclass(frozen=True)
class Reply:
    """A message; `usage` overrides single counts, `content` the blocks of thinking and text.

    `chunk_s` is the pause after each of at most eight deltas of a text.
    """

    text: str
    stop_reason: str = "end_turn"
    output_tokens: int | None = None
    chunk_s: float = 0.0
    usage: Json | None = None
    content: list[Json] | None = None
    thinking: str = ""


@dataclass(frozen=True)
class Fault:
    """An error in the API's form."""

    status: int
    kind: str = "api_error"
    message: str = "scripted fault"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Raw:
    """An answer that the API would not give."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Drop:
    """The connection closes after so many deltas (unstreamed: in mid-message), at 0 unanswered."""

    after_chunks: int = 1
    text: str = "this answer is cut short"


@dataclass(frozen=True)
class StreamFault:
    """An error event after so many deltas; a `Fault` where the answer is not streamed."""

    kind: str = "overloaded_error"
    message: str = "scripted fault"
    after_chunks: int = 1


@dataclass(frozen=True)
class Hang:
    """The connection closes after so long a silence, or with the server."""

    seconds: float


Answer = Reply | Fault | Raw | Drop | StreamFault | Hang
Script = Callable[[Request, int], Answer] | Sequence[Answer]


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


class Connection(BaseHTTPRequestHandler):
    """One request and its answer."""

    server: "MessagesServer"
    form: Messages
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self.close_connection = True
        length = int(self.headers.get("content-length", 0))
        data = self.rfile.read(length)
        if len(data) == length:
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.form = FORMS.get(self.path.partition("?")[0], FORMS[Messages.path])
            if isinstance(self.form, Command):
                body = {"model": "command", "messages": self.form.turns(data.decode())}
            else:
                body = json.loads(data or "{}")
            request = Request(self.command, self.path, headers, body)
            self._give(self.server.answer(request), request.body)

    do_GET = do_HEAD = do_PUT = do_PATCH = do_DELETE = do_POST

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _give(self, answer: Answer, body: Json) -> None:
        message, form = self.server.message, self.form
        match answer, body.get("stream") is True:
            case Hang(seconds), _:
                self.server.closing.wait(seconds)
            case Raw(status, data, kind, headers), _:
                self._head(status, content_length=len(data), content_type=kind, **headers)
                self.wfile.write(data)
            case Fault(status, kind, text, headers), _:
                data = json.dumps(form.error(kind, text)).encode()
                self._head(status, content_length=len(data), **headers)
                self.wfile.write(data)
            case StreamFault(kind, text), False:
                self._give(Fault(529 if kind == "overloaded_error" else 500, kind, text), body)
            case StreamFault(kind, text, deltas), True:
                begun = first_events(form, message(Reply("this answer fails"), body), deltas)
                self._stream([*begun, form.error(kind, text)])
                self.wfile.write(LAST_CHUNK)
            case Drop(deltas), False if deltas:
                self._head(200, content_length=100)
                self.wfile.write(form.cut_off)
            case Drop(deltas, text), True if deltas:
                begun = first_events(form, message(Reply(text), body), deltas)
                self._stream(begun)
            case Reply(chunk_s=pause), True:
                *events, last = form.events(message(answer, body))
                self._stream(events, pause)
                self.server.deliver(self.wfile, chunk(form.sent(last)) + LAST_CHUNK)
            case Reply(), False:
                data = form.whole(message(answer, body))
                self._head(200, content_length=len(data))
                self.server.deliver(self.wfile, data)

    def _head(self, status: int, **headers: object) -> None:
        self.send_response(status)
        self.send_header("request-id", "req_fake")
        usual = {"content_type": "application/json", "connection": "close"}
        for name, value in (usual | headers).items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def _stream(self, events: Iterable[Json], pause: float = 0.0) -> None:
        self._head(200, content_type="text/event-stream", transfer_encoding="chunked")
        for event in events:
            self.wfile.write(chunk(self.form.sent(event)))
            if self.form.is_piece(event):
                self.server.closing.wait(pause)


class MessagesServer(ThreadingHTTPServer):
    """Answers by script: a callable, or a sequence whose last answer repeats.

    Leaving its context ends all connections and raises what a script raised.
    """

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.requests: list[Request] = []
        self.closing = threading.Event()
        self.script = script
        self._delivered = 0
        self._cached: set[str] = set()
        self._connections: set[Any] = set()
        self._failures: list[BaseException] = []
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.closing.set()
        self.server_close()
        if self._failures:
            raise self._failures[0]

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        failure = sys.exc_info()[1]
        if failure and not isinstance(failure, ConnectionError):
            self._failures.append(failure)

    @property
    def delivered(self) -> int:
        """How many replies were written to the last byte."""
        with self._lock:
            return self._delivered

    def deliver(self, stream: BufferedIOBase, rest: bytes) -> None:
        """Write the end of a reply; whoever has read it finds it counted."""
        with self._lock:
            stream.write(rest)
            self._delivered += 1

    def answer(self, request: Request) -> Answer:
        """Keep a request and look up its answer."""
        with self._lock:
            number = len(self.requests)
            self.requests.append(request)
        if request.method != "POST" or request.path.partition("?")[0] not in FORMS:
            return Fault(404, "not_found_error", "no such resource")
        if callable(self.script):
            return self.script(request, number)
        return self.script[min(number, len(self.script) - 1)]

    def message(self, reply: Reply, body: Json) -> Json:
        """A reply as a message of the Messages API."""
        signed = {"type": "thinking", "thinking": reply.thinking, "signature": "c2lnbmVk"}
        blocks = [signed] * bool(reply.thinking) + [{"type": "text", "text": reply.text}]
        if reply.content is not None:
            blocks = reply.content
        written = tokens(blocks) if reply.output_tokens is None else reply.output_tokens
        usage = self._read(body) | {"output_tokens": written} | (reply.usage or {})
        fixed = {"id": "msg_fake", "type": "message", "role": "assistant", "stop_sequence": None}
        own = {"content": blocks, "stop_reason": reply.stop_reason, "usage": usage}
        return fixed | own | {"model": body["model"]}

    def _read(self, body: Json) -> Json:
        """Count input tokens. Prefixes that ended in `cache_control` are never forgotten."""
        blocks = list(prompt_blocks(body))
        ends = [
            end
            for end, block in enumerate(blocks, 1)
            if block.pop("cache_control", None) is not None
        ]
        keys = [json.dumps([body["model"], blocks[:end]]) for end in range(len(blocks) + 1)]
        marked = max(ends, default=0)
        with self._lock:
            read = max((end for end in range(marked + 1) if keys[end] in self._cached), default=0)
            self._cached.update(keys[end] for end in ends)
        return {
            "input_tokens": tokens(blocks[marked:]),
            "cache_creation_input_tokens": tokens(blocks[read:marked]),
            "cache_read_input_tokens": tokens(blocks[:read]),
        }
