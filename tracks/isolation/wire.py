"""How messages travel between the processes of an evaluation: JSON behind a length.

The optimizer host is untrusted, so nothing here unpickles, a receiver bounds what it accepts, and
every field is checked.
"""

import json
import socket
import struct
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from tracks.isolation import protocol
from tracks.isolation.protocol import Message

LENGTH = struct.Struct("!I")
MAX_BYTES = 16 * 2**20
MAX_DESCRIPTORS = 4
A = TypeVar("A", bound=Message)
B = TypeVar("B", bound=Message)
C = TypeVar("C", bound=Message)


class WireError(Exception):
    """The peer sent something that is not an expected message."""


class PeerGoneError(WireError):
    """The peer closed its end."""


def send(channel: socket.socket, message: Message, descriptors: Sequence[int] = ()) -> None:
    body = json.dumps({"kind": type(message).__name__, **asdict(message)}).encode()
    header = LENGTH.pack(len(body))
    try:
        if descriptors:
            socket.send_fds(channel, [header], list(descriptors))
        else:
            channel.sendall(header)
        channel.sendall(body)
    except OSError as error:
        raise PeerGoneError(f"the peer is gone ({error})") from error


def receive(
    channel: socket.socket,
    kind: type[A],
    other: type[B] | None = None,
    *more: type[C],
    limit: int = MAX_BYTES,
) -> A | B | C:
    """The next message, of one of these kinds and at most `limit` bytes. Raises WireError."""
    return receive_with_descriptors(channel, kind, other, *more, limit=limit)[0]


def receive_with_descriptors(
    channel: socket.socket,
    kind: type[A],
    other: type[B] | None = None,
    *more: type[C],
    limit: int = MAX_BYTES,
) -> tuple[A | B | C, list[int]]:
    try:
        header, descriptors, _, _ = socket.recv_fds(channel, LENGTH.size, MAX_DESCRIPTORS)
    except OSError as error:
        raise PeerGoneError(f"the peer is gone ({error})") from error
    header += receive_bytes(channel, LENGTH.size - len(header)) if header else b""
    if not header:
        raise PeerGoneError("the peer closed its end")
    (length,) = LENGTH.unpack(header)
    if length > limit:
        raise WireError(f"a message of {length} bytes, at most {limit} are accepted")
    expected = (kind, other, *more)
    return _decoded(receive_bytes(channel, length), expected), list(descriptors)


def receive_bytes(channel: socket.socket, count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        try:
            part = channel.recv(count - len(received))
        except OSError as error:
            raise PeerGoneError(f"the peer is gone ({error})") from error
        if not part:
            raise PeerGoneError("the peer closed its end")
        received += part
    return bytes(received)


def _decoded(body: bytes, expected: Sequence[type[Message] | None]) -> Any:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise WireError("a message that is not JSON") from error
    name = content.pop("kind", None) if isinstance(content, dict) else None
    for kind in expected:
        if kind and kind.__name__ == name:
            try:
                return _check(kind.__name__).validate_python(content)
            except (ValidationError, RecursionError) as error:
                raise WireError(f"a message {name} with wrong fields") from error
    raise WireError(f"a message that is no {' or '.join(k.__name__ for k in expected if k)}")


def prepare() -> None:
    """Compile the checks of all messages, so that forked processes have them already."""
    for kind in Message.__subclasses__():
        _check(kind.__name__)


@cache
def _check(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(getattr(protocol, name))
