"""The connection to the service: address, key and proxy, checked before anything is sent."""

import os
import re
import socket
import ssl
from collections.abc import Callable
from urllib.request import getproxies, proxy_bypass

import anthropic
import httpx2

from agent.proposers.llm.service import NoConnectionError, NoKeyError, ServiceError

PATH = "v1/messages"
SAID = 200
"""Characters of an error that are reported."""
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""The name of a header."""
VALUE = re.compile(r"[ -~\t]*")
SECRET_HEADER = re.compile("key|token|auth|secret|cookie", re.I)
CAUSES: list[tuple[type[BaseException], str]] = [
    (httpx2.ProxyError, "the proxy refused: "),
    (socket.gaierror, "its name cannot be resolved: "),
    (ssl.SSLError, "TLS failed: "),
]


def open_client(silence_s: float, watch: Callable[[httpx2.Request], None]) -> anthropic.Anthropic:
    """A client that repeats nothing, with key and address from the environment.

    `watch` is called with each request before a connection is made for it.
    Raises NoConnectionError where the machine's proxies or certificates allow none, ServiceError
    where key or address cannot be right.
    """
    try:
        http = anthropic.DefaultHttpxClient(timeout=silence_s, event_hooks={"request": [watch]})
    except (ImportError, ValueError, OSError, httpx2.InvalidURL) as error:
        raise NoConnectionError(_no_connection(error), lasting=True) from error
    try:
        address = _base_url(os.environ.get("ANTHROPIC_BASE_URL"))
        # the client would also repeat calls that may have been billed, and wait without a bound
        client = anthropic.Anthropic(
            base_url=address, timeout=silence_s, max_retries=0, http_client=http
        )
        if client.api_key is None and client.auth_token is None and client.credentials is None:
            raise NoKeyError("no API key: set ANTHROPIC_API_KEY", lasting=True)
        _check_headers(client)
    except (ServiceError, anthropic.AnthropicError, ValueError, TypeError) as error:
        http.close()
        if isinstance(error, ServiceError):
            raise
        raise ServiceError(f"no client: {one_line(error)}", lasting=True) from error
    return client


def asked_at(client: anthropic.Anthropic) -> str:
    """The address that questions go to, without a password, and the proxy on the way there."""
    url = client.base_url
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    on_the_way = ""
    if proxy and not proxy_bypass(url.host):
        on_the_way = f" through the proxy {_without_password(proxy)}"
    return f"{url.copy_with(userinfo=b'')}{PATH}{on_the_way}"


def secrets_of(client: anthropic.Anthropic) -> list[str]:
    """Secrets of its user: key, token, a password in the address, headers named so."""
    named = [
        value
        for name, value in client.default_headers.items()
        if isinstance(value, str) and SECRET_HEADER.search(name)
    ]
    given = [client.api_key, client.auth_token, client.base_url.password, *named]
    return [secret for secret in given if secret]


def root_cause(error: BaseException) -> str:
    """The root cause of an error in one line; the client's own says `Connection error.`"""
    chain = [error]
    # the layers between hide the errors that they translate
    while (deeper := chain[-1].__cause__ or chain[-1].__context__) and deeper not in chain:
        chain.append(deeper)
    kind = next((name for type_, name in CAUSES if any(isinstance(e, type_) for e in chain)), "")
    said = next((line for e in reversed(chain) if (line := _said(e))), type(chain[-1]).__name__)
    return f"{kind}{said}"


def one_line(error: BaseException | str) -> str:
    """Cut to a readable length; an error without a message is named by its type."""
    text = str(error) or ("" if isinstance(error, str) else type(error).__name__)
    return " ".join(text.split())[:SAID]


def _said(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return one_line(error.strerror)
    # the value is a key
    return re.sub(r"(Illegal header value).*", r"\1", " ".join(str(error).split()))[:SAID]


def _no_connection(error: Exception) -> str:
    if "socksio" in str(error):
        return (
            "a SOCKS proxy is set and the package socksio is not installed; install it "
            "(pip install socksio), or unset ALL_PROXY, HTTPS_PROXY and HTTP_PROXY"
        )
    return (
        f"the proxies or certificates of this machine cannot be used: {root_cause(error)}; correct "
        "or unset ALL_PROXY, HTTPS_PROXY, HTTP_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR"
    )


def _base_url(given: str | None) -> str | None:
    """Without the `/v1` or `/v1/messages` that the client appends. Raises ServiceError."""
    if given is None:
        return None
    try:
        url = httpx2.URL(given)
        wrong = _wrong_address(given, url)
    except (httpx2.InvalidURL, ValueError) as error:
        wrong = _wrong_address(given, None) or one_line(error)
    if wrong:
        raise ServiceError(
            f"ANTHROPIC_BASE_URL={_without_password(given)!r}: {wrong}; expected an address such "
            "as https://api.anthropic.com; correct it, or unset it",
            lasting=True,
        )
    path = re.sub(rb"(/v1(/messages)?)?/*$", b"", url.raw_path.rstrip(b"/"))
    return str(url.copy_with(raw_path=path or b"/"))


def _wrong_address(given: str, url: httpx2.URL | None) -> str:
    """What is wrong with an address, empty for none; `url` is None where it cannot be parsed."""
    if not given:
        return "it is empty"
    if any(character.isspace() or not character.isprintable() for character in given):
        return "there is a space or a line break in it"
    if url is None:
        return ""
    if url.scheme not in ("http", "https"):
        return "it does not begin with http:// or https://"
    if not url.host:
        return "it names no host"
    if url.port is not None and not 0 < url.port < 2**16:
        return f"there is no port {url.port}"
    return "it has a query or a fragment" if "?" in given or "#" in given else ""


def _without_password(url: str) -> str:
    return re.sub(r"^([^/@]*//)?[^/]*@", r"\1", url)


def _check_headers(client: anthropic.Anthropic) -> None:
    """Raises ServiceError for a value that no header may have, and names its origin."""
    given = {"ANTHROPIC_API_KEY": client.api_key, "ANTHROPIC_AUTH_TOKEN": client.auth_token}
    for variable, value in given.items():
        if found := re.search(r"[^!-~]", value or ""):
            where = "ends in" if found.end() == len(found.string) else "contains"
            raise ServiceError(
                f"{variable} {where} {_name(found[0])}, which no HTTP header may have there; "
                "set it to the key alone",
                lasting=True,
            )
    for name, custom in client.default_headers.items():
        if isinstance(custom, str) and not (TOKEN.fullmatch(name) and VALUE.fullmatch(custom)):
            raise ServiceError(
                f"ANTHROPIC_CUSTOM_HEADERS: {name[:40]!r} is not the name of a header, or its "
                "value has characters that none may have; correct it, or unset it",
                lasting=True,
            )


def _name(character: str) -> str:
    named = {"\n": "a newline", "\r": "a carriage return", " ": "a space", "\t": "a tab"}
    return named.get(character, f"the character {character!r}")
