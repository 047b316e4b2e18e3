"""The body of an HTTP answer, read for no longer than its reader allows."""

from collections.abc import Callable, Iterator

import httpx2


class Bounded(httpx2.SyncByteStream):
    """The same bytes; `allow` is called with how many were read, and raises where that is enough.

    A client that waits for a whole event or line checks nothing before it is there.
    """

    def __init__(self, stream: httpx2.SyncByteStream, allow: Callable[[int], None]) -> None:
        self._stream, self._allow = stream, allow

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for piece in self._stream:
            size += len(piece)
            self._allow(size)
            yield piece

    def close(self) -> None:
        self._stream.close()


class _Decompressed(httpx2.SyncByteStream):
    """The bytes of an answer after its content encoding, in pieces of limited size."""

    def __init__(self, response: httpx2.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        return self._response.iter_bytes()

    def close(self) -> None:
        self._response.close()


def bound(response: httpx2.Response, allow: Callable[[int], None]) -> None:
    """Let `allow` count the bytes of a body both as they come and decompressed."""
    assert isinstance(response.stream, httpx2.SyncByteStream)
    received = httpx2.Response(
        response.status_code,
        headers=response.headers,
        stream=Bounded(response.stream, allow),
        request=response.request,
    )
    response.stream = Bounded(_Decompressed(received), allow)
    # the client would decompress it again
    response.headers.pop("content-encoding", None)
