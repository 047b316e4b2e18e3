"""Ctrl-C, SIGTERM and SIGHUP: the first ends a verb in order, the second at once."""

import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType

from tracks.printable import printable

AGAIN_S = 2.0
"""Leaving a verb takes milliseconds once the exception is on its way."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STATUS = 130
SHOW_CURSOR = "\x1b[?25h\n"


class Interrupted(Exception):
    """The user stopped a verb; the message has the command that continues."""


@dataclass
class _State:
    """Of this process: whether a signal has come, and the line to end with."""

    asked: bool = False
    words: str = "interrupted"


_state = _State()


@contextmanager
def handling_signals() -> Iterator[None]:
    """Around a whole command line: the first signal is a KeyboardInterrupt, the second the end.

    A signal that is ignored, as under `nohup`, stays ignored.
    """
    _state.asked = False
    before = _handle(_interrupt)
    try:
        yield
    finally:
        # nothing is left to interrupt, and another signal would kill the ending interpreter
        _restore(dict.fromkeys(SIGNALS, signal.SIG_IGN) if _state.asked else before)


@contextmanager
def ending_with(words: str) -> Iterator[None]:
    """Turn KeyboardInterrupt into Interrupted(words); a second signal prints them and ends.

    After a signal any other failure, such as a terminal that is gone, becomes Interrupted too.
    """
    before, _state.words = _state.words, words
    try:
        yield
    except KeyboardInterrupt as error:
        raise Interrupted(words) from error
    except Exception as error:
        if _state.asked and not isinstance(error, Interrupted):
            raise Interrupted(words) from error
        raise
    finally:
        if not _state.asked:
            _state.words = before


@contextmanager
def interruptible(again_s: float = AGAIN_S) -> Iterator[None]:
    """Raise KeyboardInterrupt at a signal, and again until the block is left.

    Python drops an exception that is raised in a finaliser or in a callback of the garbage
    collector, and with it the user's Ctrl-C; what it prints then is no error.
    """
    _state.asked = False
    shown = sys.unraisablehook
    sys.unraisablehook = lambda dropped: (
        None if isinstance(dropped.exc_value, KeyboardInterrupt) else shown(dropped)
    )
    left = threading.Event()

    def insist(number: int) -> None:
        if not left.wait(again_s):
            _state.asked = False
            os.kill(os.getpid(), number)

    def interrupt(number: int, frame: FrameType | None) -> None:
        if not _state.asked:
            threading.Thread(target=insist, args=(number,), daemon=True).start()
        _interrupt(number, frame)

    before = _handle(interrupt)
    try:
        yield
    finally:
        left.set()
        sys.unraisablehook = shown
        _restore(before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    if _state.asked:
        end_at_once()
    _state.asked = True
    raise KeyboardInterrupt


def end_at_once() -> None:
    """The system ends the evaluation processes with this one, and nothing finished is lost."""
    with suppress(OSError):
        cursor = SHOW_CURSOR if os.isatty(2) else ""
        # the stream may be in use where the signal came
        os.write(2, f"{cursor}autoresearch: {printable(_state.words)}\n".encode())
    os._exit(STATUS)


def _handle(handler: "signal._HANDLER") -> "dict[signal.Signals, signal._HANDLER]":
    if threading.current_thread() is not threading.main_thread():
        return {}  # only the main thread may, and only it is interrupted
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number, present in before.items():
        if present is not signal.SIG_IGN:
            signal.signal(number, handler)
    return before


def _restore(before: "Mapping[signal.Signals, signal._HANDLER]") -> None:
    for number, handler in before.items():
        signal.signal(number, handler)
