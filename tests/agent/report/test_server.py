"""The server of a page: who gets it, who does not, and with which headers."""

import json
import threading
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse

import pytest

from agent.report.server import PageServer
from agent.study.ledger import Ledger
from helpers import Call
from helpers.studies import SETTINGS


@pytest.fixture
def server() -> Iterator[PageServer]:
    with PageServer(lambda: "<p>page</p>", "default-src 'none'") as opened:
        threading.Thread(target=opened.serve_forever, args=(0.01,), daemon=True).start()
        yield opened
        opened.shutdown()


def answer(
    server: PageServer, path: str | None = None, method: str = "GET", *hosts: str, **headers: str
) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    connection.putrequest(method, server.path if path is None else path, skip_host=True)
    for host in hosts or (f"127.0.0.1:{server.server_port}",):
        connection.putheader("Host", host)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    found = connection.getresponse()
    content = found.read()
    connection.close()
    return found, content


def test_the_page_comes_with_its_policy(server: PageServer) -> None:
    assert server.address == f"http://127.0.0.1:{server.server_port}{server.path}"
    assert len(server.path) > 20
    found, content = answer(server)
    assert (found.status, content) == (200, b"<p>page</p>")
    policy = found.headers["Content-Security-Policy"]
    assert policy == "default-src 'none'; frame-ancestors 'none'"
    assert found.headers["Cache-Control"] == "no-store"
    assert found.headers["Referrer-Policy"] == "no-referrer"
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert found.headers["Server"] == "autoresearch"
    head, nothing = answer(server, None, "HEAD")
    assert (head.status, nothing, head.headers["Content-Length"]) == (200, b"", "11")
    same, nothing = answer(server, If_None_Match=found.headers["ETag"])
    assert (same.status, nothing) == (304, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "DANCE"])
def test_it_only_reads(server: PageServer, method: str) -> None:
    found, content = answer(server, None, method)
    assert (found.status, found.headers["Allow"]) == (405, "GET, HEAD")
    assert content == b"405 Method Not Allowed\n"


def test_another_host_is_refused(server: PageServer) -> None:
    port = server.server_port
    for hosts in (
        [f"example.org:{port}"], ["127.0.0.1"], [f"127.0.0.1:{port + 1}"], [f"[::1]:{port}"], [""],
        [f"127.0.0.1:{port}", f"127.0.0.1:{port}"],
    ):  # fmt: skip
        found, content = answer(server, None, "GET", *hosts)
        assert (found.status, content) == (403, b"403 Forbidden\n"), hosts
    assert answer(server, None, "GET", f"LocalHost:{port}")[0].status == 200


def test_nothing_is_at_another_address(server: PageServer) -> None:
    own = server.path
    for path in (
        "/", own[:-1], f"{own}x", f"{own}?x", f"/{'A' * 22}/", f"{own}../runs/ledger.db",
        "/runs/ledger.db", "/report.html", f"http://127.0.0.1{own}",
    ):  # fmt: skip
        found, content = answer(server, path)
        assert (found.status, content) == (404, b"404 Not Found\n"), path
        assert found.headers["X-Content-Type-Options"] == "nosniff"


def test_a_port_that_is_taken_is_one_line(server: PageServer, ledger: Ledger, call: Call) -> None:
    ledger.create("live", SETTINGS)
    port = str(server.server_port)
    status, out, error = call("report", "live", "--serve", "--port", port)
    assert (status, out) == (2, "")
    assert error == (
        f"autoresearch: --port {port}: Address already in use; give another, or leave it out for a "
        "free one\n"
    )


def test_ctrl_c_ends_it(ledger: Ledger, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.create("live", SETTINGS)

    def interrupted(server: PageServer) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(PageServer, "serve_forever", interrupted)
    status, out, error = call("report", "live", "--serve", "--json")
    assert (status, error) == (130, "autoresearch: the page is no longer served\n")
    assert json.loads(out)["address"].startswith("http://127.0.0.1:")
