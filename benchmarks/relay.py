"""A relay between a socket on 127.0.0.1 and another, which counts bytes and can be cut."""

import socket
import threading
from contextlib import suppress


class Relay:
    """Passes bytes on to an address and back, and counts them, until it is cut."""

    def __init__(self, target: str) -> None:
        host, _, port = target.partition("//")[2].rpartition(":")
        self._target = (host, int(port))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._pairs: list[socket.socket] = []
        self.bytes = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self._listening.getsockname()[1]}"

    def cut(self) -> None:
        """Close all of its sockets."""
        # a thread that waits for a connection would get one more if the socket were only closed
        for one in (self._listening, *self._pairs):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                ours, _ = self._listening.accept()
                theirs = socket.create_connection(self._target)
                self._pairs += [ours, theirs]
                for pair in ((ours, theirs), (theirs, ours)):
                    threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while content := source.recv(2**16):
                self.bytes += len(content)
                sink.sendall(content)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)
