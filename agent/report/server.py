"""One page over HTTP, for browsers of this machine that know its address."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST = "127.0.0.1"
METHODS = "GET, HEAD"
SILENCE_S = 10.0
"""A connection that sends no request in this time is closed."""
HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Of every answer."""


class PageServer(ThreadingHTTPServer):
    """Serves one page at a random address of 127.0.0.1, and nothing else.

    `text` gives the page, with this Content-Security-Policy; it is called from several threads.
    Raises OSError for a port that is taken; 0 is a free one.
    """

    daemon_threads = True

    def __init__(self, text: Callable[[], str], policy: str, port: int = 0) -> None:
        super().__init__((HOST, port), _Handler)
        self.text = text
        self.policy = f"{policy}; frame-ancestors 'none'"
        self.path = f"/{secrets.token_urlsafe(16)}/"
        self.hosts = {f"{name}:{self.server_port}" for name in (HOST, "localhost")}

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.server_port}{self.path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that went away is no error of ours."""


class _Handler(BaseHTTPRequestHandler):
    server: PageServer
    timeout = SILENCE_S

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> None:
        hosts = self.headers.get_all("Host", [])
        if len(hosts) != 1 or hosts[0].lower() not in self.server.hosts:
            self.send_error(HTTPStatus.FORBIDDEN)
        elif not hmac.compare_digest(self.path.encode(), self.server.path.encode()):
            self.send_error(HTTPStatus.NOT_FOUND)
        else:
            self._send_page()

    def _send_page(self) -> None:
        content = self.server.text().encode("utf-8", "replace")
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        if self.headers.get("If-None-Match") == tag:
            self._send(HTTPStatus.NOT_MODIFIED, b"", ETag=tag)
            return
        about = {"Content-Type": "text/html; charset=utf-8", "ETag": tag}
        self._send(
            HTTPStatus.OK, content, **about, **{"Content-Security-Policy": self.server.policy}
        )

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """One line of text. A method that this class does not have is one that is not allowed."""
        status = HTTPStatus(code)
        if status is HTTPStatus.NOT_IMPLEMENTED:
            status = HTTPStatus.METHOD_NOT_ALLOWED
        allow = {"Allow": METHODS} if status is HTTPStatus.METHOD_NOT_ALLOWED else {}
        content = f"{status.value} {status.phrase}\n".encode()
        self._send(status, content, **{"Content-Type": "text/plain; charset=utf-8"}, **allow)

    def _send(self, status: HTTPStatus, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in (HEADERS | headers).items():
            self.send_header(name, value)
        if status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def version_string(self) -> str:
        return "autoresearch"

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads a log of one reader."""
