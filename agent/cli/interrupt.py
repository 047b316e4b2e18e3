"""Ctrl-C that is heard."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

AGAIN_S = 2.0
"""Leaving a verb takes milliseconds once the exception is on its way."""


@contextmanager
def heard(again_s: float = AGAIN_S) -> Iterator[None]:
    """Raise KeyboardInterrupt inside for SIGINT and SIGTERM, and again until the block is left.

    Python drops an exception that comes up in a finaliser or in a callback of the garbage
    collector, and with it the user's Ctrl-C; the work would go on to its end.
    """
    left = threading.Event()

    def insist(number: int) -> None:
        if not left.wait(again_s):
            os.kill(os.getpid(), number)

    def interrupt(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=insist, args=(number,), daemon=True).start()
        raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        for number in before:
            signal.signal(number, interrupt)
        yield
    finally:
        left.set()
        for number, handler in before.items():
            signal.signal(number, handler)
