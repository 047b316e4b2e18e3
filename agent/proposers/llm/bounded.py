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
