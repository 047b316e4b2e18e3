"""Standard output and error whose reader may leave, or was never there: a verb does its job."""

import os
import sys
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import Any, TextIO

BEFORE = {"stdin": "r", "stdout": "w", "stderr": "w"}
"""The standard streams in the order of their descriptors."""


class _Leavable(FileIO):
    """Once a write fails, all later ones go nowhere; that one is an error unless `forgiven`."""

    def __init__(self, descriptor: int, forgiven: type[OSError]) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self._forgiven = forgiven

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            # for what inherits the descriptor as well, such as git
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            if not isinstance(error, self._forgiven):
                raise
            return memoryview(data).nbytes


def keep_open() -> None:
    """Let no verb end because nobody reads it, as after `head`, or in a terminal that is gone.

    Where standard output cannot be written for another reason, such as a full disk, is an error.
    """
    _open_closed()
    sys.stdout = _leavable(sys.stdout, BrokenPipeError)
    sys.stderr = _leavable(sys.stderr, OSError)


def _open_closed() -> None:
    """Open what was closed, so that no file gets its descriptor, nor in a process started here."""
    for name, mode in BEFORE.items():
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(descriptor, True)
            setattr(sys, name, os.fdopen(descriptor, mode))


def _leavable(stream: TextIO, forgiven: type[OSError]) -> TextIO:
    """The same stream; one that a program has put in its place stays."""
    if not isinstance(stream, TextIOWrapper) or stream not in (sys.__stdout__, sys.__stderr__):
        return stream
    stream.flush()
    return TextIOWrapper(
        BufferedWriter(_Leavable(stream.fileno(), forgiven)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )
