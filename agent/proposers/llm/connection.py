"""The connection to a service: address, key and proxy, checked before anything is sent."""

import os
import re
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar
from urllib.request import getproxies, proxy_bypass

import httpx2

from agent.proposers.llm.known_secrets import SECRET_NAME
from agent.proposers.llm.service import NoConnectionError, ServiceError

SAID = 200
"""Characters of an error that are reported."""
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""The name of a header."""
VALUE = re.compile(r"[ -~\t]*")
CAUSES: list[tuple[type[BaseException], str]] = [
    (httpx2.ProxyError, "the proxy refused: "),
    (socket.gaierror, "its name cannot be resolved: "),
    (ssl.SSLError, "TLS failed: "),
]


@dataclass(frozen=True)
class Api:
    """A vendor's interface, and the environment variables that its client reads."""

    name: str
    path: str
    """What the client appends to an address."""
    address: str
    example: str
    """An address as it is expected."""
    extra: str
    """A pattern that is cut from the end of a given address."""
    key: str
    headers: str


class Client(Protocol):
    """What the clients of all vendors have."""

    @property
    def base_url(self) -> httpx2.URL: ...

    @property
    def default_headers(self) -> Mapping[str, object]: ...

    def close(self) -> None: ...


C = TypeVar("C", bound=Client)
Keys = Mapping[str, str | None]
"""Keys of a client by the variables that they come from."""
Watch = Callable[[httpx2.Request], None]
Bound = Callable[[httpx2.Response], None]


def open_http(
    kind: type[httpx2.Client], silence_s: float, watch: Watch, bound: Bound
) -> httpx2.Client:
    """A connection; `watch` is called with each request before a connection is made for it, and
    `bound` with each answer before its body is read.

    Raises NoConnectionError where the machine's proxies or certificates allow none.
    """
    try:
        return kind(timeout=silence_s, event_hooks={"request": [watch], "response": [bound]})
    except (ImportError, ValueError, OSError, httpx2.InvalidURL) as error:
        raise NoConnectionError(_no_connection(error), lasting=True) from error


def open_client(
    api: Api, http: httpx2.Client, made: Callable[[str | None], C], keys_of: Callable[[C], Keys]
) -> C:
    """The client that `made` returns for the address in the environment; closes `http` on failure.

    Raises ServiceError where key, header or address cannot be right.
    """
    try:
        client = made(_base_url(api))
        _check_headers(api, client, keys_of(client))
    except Exception as error:
        http.close()
        if isinstance(error, ServiceError):
            raise
        raise ServiceError(f"no client: {one_line(error)}", lasting=True) from error
    return client


def asked_at(api: Api, client: Client) -> str:
    """The address that questions go to, without a password, and the proxy on the way there."""
    url = client.base_url
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    on_the_way = ""
    if proxy and not proxy_bypass(url.host):
        on_the_way = f" through the proxy {_without_password(proxy)}"
    return f"{url.copy_with(userinfo=b'')}{api.path}{on_the_way}"


def secrets_of(client: Client, keys: Keys) -> list[str]:
    """Secrets of its user: keys, a password in the address, headers named so."""
    named = [
        value
        for name, value in client.default_headers.items()
        if isinstance(value, str) and SECRET_NAME.search(name)
    ]
    return [secret for secret in (*keys.values(), client.base_url.password, *named) if secret]


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


def words_of(body: object) -> str:
    """What the body of an error says, which services put in different places; "" for nothing."""
    if isinstance(body, dict):
        found = (words_of(body.get(name)) for name in ("error", "message", "detail", "msg"))
        return next(filter(None, found), "")
    if isinstance(body, list):
        return words_of(body[0]) if body else ""
    return one_line(body) if isinstance(body, str) else ""


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


def _base_url(api: Api) -> str | None:
    """The address without what the client appends. Raises ServiceError."""
    given = os.environ.get(api.address)
    if given is None:
        return None
    try:
        url = httpx2.URL(given)
        wrong = _wrong_address(given, url)
    except (httpx2.InvalidURL, ValueError) as error:
        wrong = _wrong_address(given, None) or one_line(error)
    if wrong:
        raise ServiceError(
            f"{api.address}={_without_password(given)!r}: {wrong}; expected an address such "
            f"as {api.example}; correct it, or unset it",
            lasting=True,
        )
    path = re.sub(rb"%b/*$" % api.extra.encode(), b"", url.raw_path.rstrip(b"/"))
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


def _check_headers(api: Api, client: Client, keys: Keys) -> None:
    """Raises ServiceError for a value that no header may have, and names its origin."""
    for variable, value in keys.items():
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
                f"{api.headers}: {name[:40]!r} is not the name of a header, or its "
                "value has characters that none may have; correct it, or unset it",
                lasting=True,
            )


def _name(character: str) -> str:
    named = {"\n": "a newline", "\r": "a carriage return", " ": "a space", "\t": "a tab"}
    return named.get(character, f"the character {character!r}")
