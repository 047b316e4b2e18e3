"""The way to the service: what is refused before a question, and what is said of one that fails."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.proposers.llm.messages import Messages
from agent.proposers.llm.redaction import Redaction
from agent.proposers.llm.service import NoConnectionError, ServiceError
from helpers import Call
from helpers.messages_server import MessagesServer, Raw, Reply

KEY = "sk-ant-not-for-anybody"
SECRET = "9f86d081884c7d659a2feaa0c55ad015"
RUN = ["run", "--track", "mqar", "--scale", "small", "--budget", "1", "--no-commit",
       "--no-ablation", "--no-recipes", "--study", "s"]  # fmt: skip
SOCKS = "a SOCKS proxy is set and the package socksio is not installed; install it"
MESSAGE = (
    b'{"type": "message", "content": [{"type": "text", "text": "hey"}], "stop_reason": "end_turn",'
    b' "usage": {"input_tokens": 1, "output_tokens": 2}}'
)


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy and no certificates of this machine, no package for SOCKS, and a key."""
    monkeypatch.setitem(sys.modules, "socksio", None)
    names = [n for n in os.environ if n.lower().endswith("_proxy") or n.startswith("SSL_CERT")]
    for name in names:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MessagesServer]:
    with MessagesServer([Reply("hi")]) as opened:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", opened.url)
        yield opened


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port of this machine at which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def ask() -> str:
    service = Messages("claude-opus-5-5", silence_s=5.0, pauses_s=())
    try:
        return service.ask("s", [{"role": "user", "content": "q"}], {}, 10).text
    finally:
        service.close()


def failed() -> ServiceError:
    with pytest.raises(ServiceError) as raised:
        ask()
    return raised.value


@pytest.mark.parametrize(
    ("key", "named"),
    [
        (f"{KEY}\n", "ends in a newline"),
        (f"{KEY}\r", "ends in a carriage return"),
        (f"{KEY} ", "ends in a space"),
        (f"{KEY}\r\n", "contains a carriage return"),
        (f"\t{KEY}", "contains a tab"),
        (f"{KEY}\u20ac", "ends in the character '\u20ac'"),
        (f"\x01{KEY}", "contains the character '\\x01'"),
    ],
)
@pytest.mark.parametrize("variable", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"])
def test_a_key_that_no_header_may_have_is_refused(
    server: MessagesServer, monkeypatch: pytest.MonkeyPatch, variable: str, key: str, named: str
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv(variable, key)
    error = failed()
    assert str(error).startswith(f"{variable} {named}, which no HTTP header may have")
    assert KEY not in str(error)
    assert error.lasting
    assert server.requests == []


@pytest.mark.parametrize("headers", ["X A: b", ": b", "X-A: b\x01", "X-A: \u20ac"])
def test_custom_headers_that_are_none_are_refused(
    server: MessagesServer, monkeypatch: pytest.MonkeyPatch, headers: str
) -> None:
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-A: b\nX-B: c")
    assert ask() == "hi"
    assert server.requests[0].headers["x-b"] == "c"
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", headers)
    assert str(failed()).startswith("ANTHROPIC_CUSTOM_HEADERS: ")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "it is empty"),
        (" ", "a space or a line break in it"),
        ("https://api.anthropic.com\n", "a space or a line break in it"),
        ("http://x\x01y", "a space or a line break in it"),
        ("api.anthropic.com", "does not begin with http:// or https://"),
        ("localhost:8080", "does not begin with http:// or https://"),
        ("ftp://api.anthropic.com", "does not begin with http:// or https://"),
        ("/v1", "does not begin with http:// or https://"),
        ("https://", "names no host"),
        ("https:///v1", "names no host"),
        ("http://x:99999", "no port 99999"),
        ("http://x:port", "Invalid port: 'port'"),
        ("http://user:s3cret@x?a=b", "it has a query or a fragment"),
        ("http://x#v1", "it has a query or a fragment"),
    ],
)
def test_an_address_that_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, address: str, why: str
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", address)
    error = failed()
    assert str(error).startswith("ANTHROPIC_BASE_URL=")
    assert f"{why}; expected an address such as https://api.anthropic.com" in str(error)
    assert "s3cret" not in str(error)
    assert error.lasting


@pytest.mark.parametrize("end", ["", "/", "/v1", "/v1/", "/v1/messages", "/v1/messages//"])
def test_an_address_may_end_in_what_the_client_appends(
    server: MessagesServer, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url + end)
    assert ask() == "hi"
    monkeypatch.setenv("ANTHROPIC_BASE_URL", f"{server.url}/gateway{end}")
    assert f"; asked {server.url}/gateway/v1/messages" in str(failed())
    paths = [request.path.partition("?")[0] for request in server.requests]
    assert paths == ["/v1/messages", "/gateway/v1/messages"]


def test_a_connection_that_fails_costs_nothing_and_names_its_cause(
    server: MessagesServer, nobody: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(address: str, **environment: str) -> str:
        with monkeypatch.context() as patch:
            patch.setenv("ANTHROPIC_BASE_URL", address)
            for name, value in environment.items():
                patch.setenv(name, value)
            error = failed()
        assert not error.maybe_billed
        assert not error.lasting
        return str(error)

    def unknown(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(-2, "Name or service not known")

    def late(*_: object, **__: object) -> socket.socket:
        raise TimeoutError

    refused, elsewhere = f"http://127.0.0.1:{nobody}", "https://api.example.com"
    assert asked(refused) == (
        f"cannot reach the service: Connection refused; asked {refused}/v1/messages"
    )
    tls = asked(server.url.replace("http:", "https:"))
    assert tls.startswith("cannot reach the service: TLS failed: ")
    proxied = asked(elsewhere, HTTPS_PROXY=refused.replace("//", "//me:s3cret@"))
    assert proxied == (
        f"cannot reach the service: Connection refused; asked {elsewhere}/v1/messages "
        f"through the proxy {refused}"
    )
    # the fake server speaks to no proxy's client: the question itself does not leave
    assert "the proxy refused: 501" in asked(elsewhere, https_proxy=server.url)
    with monkeypatch.context() as patch:
        patch.setattr(socket, "create_connection", late)
        assert asked(elsewhere).startswith(f"no connection in time; asked {elsewhere}/v1/messages")
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "its name cannot be resolved: Name or service not known" in asked(elsewhere)
    assert server.requests == []


def test_a_key_that_is_made_on_the_way_is_not_told(
    server: MessagesServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Messages("claude-opus-5-5", pauses_s=())
    service._client.api_key = f"{KEY}\n"  # noqa: SLF001
    with pytest.raises(ServiceError, match="cannot reach the service: Illegal header value;") as e:
        service.ask("s", [{"role": "user", "content": "q"}], {}, 10)
    assert not e.value.maybe_billed
    assert KEY not in str(e.value)
    service.close()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:1", SOCKS),
        ("https_proxy", "socks5h://127.0.0.1:1", SOCKS),
        ("HTTP_PROXY", "gopher://127.0.0.1:1", "Unknown scheme for proxy URL"),
        ("ALL_PROXY", "http://127.0.0.1:port", "'port'; correct or unset"),
        ("SSL_CERT_FILE", "/nowhere.pem", "No such file or directory; correct or unset"),
        ("SSL_CERT_FILE", __file__, "TLS failed: "),
    ],
)
def test_a_machine_that_allows_no_connection_is_told_in_one_line(
    server: MessagesServer, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    error = failed()
    assert isinstance(error, NoConnectionError)
    assert told in str(error)
    assert server.requests == []


@pytest.mark.processes
def test_without_a_connection_a_model_alone_is_refused_and_the_others_go_on(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    status, out, err = call(*RUN, "--proposer", "llm")
    assert (status, out) == (2, "")
    assert err.startswith(f"autoresearch: {SOCKS}")
    assert err.count("\n") == 1
    assert not Path("runs/s").exists()
    status, _, err = call(*RUN, "--proposer", "mixed")
    assert status == 0, err
    (line,) = [line for line in err.splitlines() if SOCKS in line]
    assert line.startswith("no model is asked: ")
    assert line.endswith("Optuna continues alone")
    folder = Path("theirs")
    folder.mkdir()
    (folder / "README.md").write_text("Muon")
    status, out, err = call("survey", str(folder))
    assert status == 0
    assert "direction muon" in out
    assert err.startswith(f"no model is asked: {SOCKS}")
    assert err.count("\n") == 1
    status, _, err = call("survey", str(folder), "--llm")
    assert (status, err.count("\n")) == (2, 1)


def test_a_study_is_not_begun_with_a_key_or_an_address_that_cannot_be_right(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "localhost")
    for proposer in ("llm", "mixed"):
        status, out, err = call(*RUN, "--proposer", proposer)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert "does not begin with http://" in err
    monkeypatch.delenv("ANTHROPIC_BASE_URL")
    monkeypatch.setenv("ANTHROPIC_API_KEY", f"{KEY}\n")
    status, _, err = call(*RUN, "--proposer", "mixed")
    assert (status, err.count("\n")) == (2, 1)
    assert "ANTHROPIC_API_KEY ends in a newline" in err
    assert not Path("runs/s").exists()


def test_what_identifies_the_user_does_not_leave_in_a_prompt(
    server: MessagesServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", f"X-Gateway-Token: {SECRET}\nX-Team: optimizers")
    service = Messages("claude-opus-5-5", pauses_s=())
    service.hide("of-a-study-0123")
    turns = [
        {"role": "user", "content": f"{KEY} of-a-study-0123"},
        {"role": "assistant", "content": f"optimizers, {SECRET}"},
        {"role": "user", "content": f"{KEY[::-1]}?"},
    ]
    service.ask(f"You know {KEY}.", turns, {}, 10)
    service.close()
    (request,) = server.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["x-gateway-token"] == SECRET
    assert request.body["system"][0]["text"] == "You know ***."
    told = [turn["content"] for turn in request.body["messages"]]
    assert told == ["*** ***", "optimizers, ***", "***?"]


def test_a_whole_message_is_an_answer_too(server: MessagesServer) -> None:
    server.script = [Raw(200, MESSAGE), Raw(200, MESSAGE[:-1]), Raw(200, b'{"type": "message"}')]
    assert ask() == "hey"
    assert "not of the Messages API (it is application/json" in str(failed())
    assert failed().maybe_billed


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        (f"a {SECRET} b {SECRET}.", "a *** b ***."),
        (SECRET.upper(), "***"),
        (f"'{SECRET[::-1]}'", "'***'"),
        (f"x{SECRET.encode().hex()}", "x***"),
        ("OWY4NmQwODE4ODRjN2Q2NTlhMmZlYWEwYzU1YWQwMTU=", "***="),
        ("ODY5Zjg2ZDA4MTg4NGM3ZDY1OWEyZmVhYTBjNTVhZDAxNQ==", "ODY***=="),
        (f"{SECRET[:16]}\n{SECRET[16:]}", "***"),
        (" ".join(SECRET), "***"),
        (f"...{SECRET[5:22]} of it", "...*** of it"),
        (f"only {SECRET[:15]}", f"only {SECRET[:15]}"),
        (f"{KEY}{SECRET}", "******"),
        (f"Bearer {KEY!r}", "Bearer '***'"),
        ("nothing at all", "nothing at all"),
        ("", ""),
    ],
)
def test_a_secret_is_cut_from_a_text(text: str, cut: str) -> None:
    redaction = Redaction()
    for secret in (SECRET, KEY, "", "short"):
        redaction.hide(secret)
    assert redaction.cut(text) == cut
    assert redaction.cut("in short") == "in short"
