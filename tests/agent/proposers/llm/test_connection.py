"""The way to a service: what is refused before a question, and what is said of one that fails."""

import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.proposers.llm.connection import Api
from agent.proposers.llm.redaction import Redaction
from agent.proposers.llm.service import NoConnectionError, ServiceError
from helpers import Call
from helpers.messages_server import Fault, MessagesServer, Reply
from helpers.services import KEY, MESSAGES, REMOTE, Played

SECRET = "9f86d081884c7d659a2feaa0c55ad015"
RUN = ["run", "--track", "mqar", "--scale", "small", "--budget", "1", "--no-commit",
       "--no-ablation", "--no-recipes", "--study", "s"]  # fmt: skip
SOCKS = "a SOCKS proxy is set and the package socksio is not installed; install it"


@pytest.fixture(params=REMOTE, ids=str)
def played(request: pytest.FixtureRequest) -> Played:
    """The services that are reached over HTTP."""
    found: Played = request.param
    return found


@pytest.fixture
def api(played: Played) -> Api:
    assert played.api
    return played.api


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy and no certificates of this machine, no package for SOCKS, and a key."""
    monkeypatch.setitem(sys.modules, "socksio", None)
    names = [n for n in os.environ if n.lower().endswith("_proxy") or n.startswith("SSL_CERT")]
    for name in names:
        monkeypatch.delenv(name)
    for name in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, KEY)


@pytest.fixture
def server(played: Played, monkeypatch: pytest.MonkeyPatch) -> Iterator[MessagesServer]:
    with MessagesServer([Reply("hi")]) as opened:
        for name, value in played.environment(opened.url).items():
            monkeypatch.setenv(name, value)
        yield opened


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port of this machine at which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def ask(played: Played) -> str:
    service: Any = played.opened()
    try:
        text: str = service.ask("s", [{"role": "user", "content": "q"}], {}, 10).text
        return text
    finally:
        service.close()


def failed(played: Played) -> ServiceError:
    with pytest.raises(ServiceError) as raised:
        ask(played)
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
@pytest.mark.parametrize("token", [False, True], ids=["key", "token"])
def test_a_key_that_no_header_may_have_is_refused(
    server: MessagesServer,
    played: Played,
    monkeypatch: pytest.MonkeyPatch,
    token: bool,
    key: str,
    named: str,
) -> None:
    assert played.api
    variable = played.api.key
    if token and played is MESSAGES:
        monkeypatch.delenv(variable)
        variable = "ANTHROPIC_AUTH_TOKEN"
    monkeypatch.setenv(variable, key)
    error = failed(played)
    assert str(error).startswith(f"{variable} {named}, which no HTTP header may have")
    assert KEY not in str(error)
    assert error.lasting
    assert server.requests == []


@pytest.mark.parametrize("headers", ["X A: b", ": b", "X-A: b\x01", "X-A: \u20ac"])
def test_custom_headers_that_are_none_are_refused(
    server: MessagesServer, played: Played, api: Api, monkeypatch: pytest.MonkeyPatch, headers: str
) -> None:
    monkeypatch.setenv(api.headers, "X-A: b\nX-B: c")
    assert ask(played) == "hi"
    assert server.requests[0].headers["x-b"] == "c"
    monkeypatch.setenv(api.headers, headers)
    assert str(failed(played)).startswith(f"{api.headers}: ")
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
    played: Played, api: Api, monkeypatch: pytest.MonkeyPatch, address: str, why: str
) -> None:
    monkeypatch.setenv(api.address, address)
    error = failed(played)
    assert str(error).startswith(f"{api.address}=")
    assert f"{why}; expected an address such as {api.example}" in str(error)
    assert "s3cret" not in str(error)
    assert error.lasting


@pytest.mark.parametrize("end", ["", "/", "whole", "whole//", "/v1", "/v1/"])
def test_an_address_may_end_in_what_the_client_appends(
    server: MessagesServer, played: Played, api: Api, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    # to the address of chat completions nothing is added that the user left out
    end = "" if end.startswith("/v1") and played.version else end
    end = played.version + end.replace("whole", f"/{api.path}")
    monkeypatch.setenv(api.address, server.url + end)
    assert ask(played) == "hi"
    monkeypatch.setenv(api.address, f"{server.url}/gateway{end}")
    path = f"{played.version}/{api.path}"
    assert f"; asked {server.url}/gateway{path}" in str(failed(played))
    paths = [request.path.partition("?")[0] for request in server.requests]
    assert paths == [path, f"/gateway{path}"]


def test_a_connection_that_fails_costs_nothing_and_names_its_cause(
    server: MessagesServer, played: Played, api: Api, nobody: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(address: str, **environment: str) -> str:
        with monkeypatch.context() as patch:
            patch.setenv(api.address, address + played.version)
            for name, value in environment.items():
                patch.setenv(name, value)
            error = failed(played)
        assert not error.maybe_billed
        assert not error.lasting
        return str(error)

    def unknown(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(-2, "Name or service not known")

    def late(*_: object, **__: object) -> socket.socket:
        raise TimeoutError

    refused, elsewhere = f"http://127.0.0.1:{nobody}", "https://api.example.com"
    assert asked(refused) == (
        f"cannot reach the service: Connection refused; asked {played.asked_at(refused)}"
    )
    tls = asked(server.url.replace("http:", "https:"))
    assert tls.startswith("cannot reach the service: TLS failed: ")
    proxied = asked(elsewhere, HTTPS_PROXY=refused.replace("//", "//me:s3cret@"))
    assert proxied == (
        f"cannot reach the service: Connection refused; asked {played.asked_at(elsewhere)} "
        f"through the proxy {refused}"
    )
    # the fake server speaks to no proxy's client: the question itself does not leave
    assert "the proxy refused: 501" in asked(elsewhere, https_proxy=server.url)
    with monkeypatch.context() as patch:
        patch.setattr(socket, "create_connection", late)
        late_one = f"no connection in time; asked {played.asked_at(elsewhere)}"
        assert asked(elsewhere).startswith(late_one)
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "its name cannot be resolved: Name or service not known" in asked(elsewhere)
    assert server.requests == []


def test_a_redirect_to_a_host_that_is_down_costs_nothing(
    server: MessagesServer, played: Played, nobody: int
) -> None:
    there = f"127.0.0.1:{nobody}"
    server.script = [Fault(307, headers={"location": f"http://{there}/v1/messages"})]
    error = failed(played)
    said = f"cannot reach the service at {there}, where the address leads: Connection refused"
    assert str(error) == f"{said}; asked {played.asked_at(server.url)}"
    assert (error.lasting, error.maybe_billed) == (False, False)


def test_a_key_that_is_made_on_the_way_is_not_told(server: MessagesServer, played: Played) -> None:
    service: Any = played.opened()
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
    server: MessagesServer,
    played: Played,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    told: str,
) -> None:
    monkeypatch.setenv(name, value)
    error = failed(played)
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
    server: MessagesServer, played: Played, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(api.headers, f"X-Gateway-Token: {SECRET}\nX-Team: optimizers")
    service: Any = played.opened()
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
    assert "You know ***." in json.dumps(request.body)
    assert KEY not in json.dumps(request.body)
    told = [turn["content"] for turn in request.turns]
    assert told == ["*** ***", "optimizers, ***", "***?"]


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
