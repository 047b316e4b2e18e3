"""Messages between the processes of an evaluation: JSON behind a length, with descriptors.

The optimizer host is untrusted, so nothing here unpickles, and a receiver bounds what it accepts.
"""

import json
import socket
import struct
from collections.abc import Sequence
from typing import Any

LENGTH = struct.Struct("!I")
MAX_BYTES = 16 * 2**20
MAX_DESCRIPTORS = 4


class WireError(Exception):
    """The peer sent something that is not a message."""


class PeerGoneError(WireError):
    """The peer closed its end."""


def send(channel: socket.socket, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
    body = json.dumps(message).encode()
    header = LENGTH.pack(len(body))
    try:
        if descriptors:
            socket.send_fds(channel, [header], list(descriptors))
        else:
            channel.sendall(header)
        channel.sendall(body)
    except OSError as error:
        raise PeerGoneError(f"the peer is gone ({error})") from error


def receive(channel: socket.socket, limit: int = MAX_BYTES) -> dict[str, Any]:
    return receive_with_descriptors(channel, limit)[0]


def receive_with_descriptors(
    channel: socket.socket, limit: int = MAX_BYTES
) -> tuple[dict[str, Any], list[int]]:
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
    try:
        message = json.loads(receive_bytes(channel, length))
    except (ValueError, RecursionError) as error:
        raise WireError("a message that is not JSON") from error
    if not isinstance(message, dict):
        raise WireError("a message that is not a JSON object")
    return message, list(descriptors)


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
