"""Errors of the machine in words: a full disk, a locked ledger, a path that cannot be opened."""

import errno
import os
import sqlite3
from collections.abc import Iterator

GO_ON = "`autoresearch run --resume STUDY` continues a study"
FULL = f"the disk is full: free some space; {GO_ON}"
LOCKED = f"the ledger is locked by another process: wait until that has ended; {GO_ON}"
READ_ONLY = "the ledger cannot be written: make runs/ writable, or work in another folder"
NO_TEMPORARY = (
    "no folder takes temporary files: free some space in /tmp, or set TMPDIR to a folder that can "
    "be written"
)
BROKEN_DISK = "the disk cannot be read or written ({}): check it and its connection"
NUMBERS = {
    errno.ENOSPC: FULL,
    errno.EIO: BROKEN_DISK.format("Input/output error"),
    errno.ESTALE: BROKEN_DISK.format("Stale file handle"),
    errno.EDQUOT: "the disk quota is used up: free some space",
    errno.EFBIG: f"a file may not grow further: raise the limit (`ulimit -f` shows it); {GO_ON}",
}
OPENED = "expected a path that can be opened"
WRITTEN = "expected a path that can be written; make it writable, or work in another folder"
PATHS = {
    errno.EROFS: WRITTEN,
    errno.EPERM: WRITTEN,
    errno.ENAMETOOLONG: OPENED,
    errno.EACCES: OPENED,
    errno.ELOOP: OPENED,
    errno.EISDIR: "expected a file; move the folder away",
    errno.ENOTDIR: "expected a folder above it; move away the file that is in its place",
    errno.EEXIST: "expected a folder; move away what is in its place",
}
"""What is expected of paths that the system refuses to follow, given by a person or in `runs/`."""
SHOWN = 80
"""Characters of a path that are shown."""
DAMAGED = "the ledger is damaged: restore runs/ledger.db from a copy, or move runs/ away"
EXHAUSTED = {errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE}
FREE_SOME = "free some, or raise the limits (`ulimit -a` shows them), and try again"
MESSAGES = {
    "disk is full": FULL,
    "disk I/O error": "the disk cannot be read or written (disk I/O error)",
    "is locked": LOCKED,
    "malformed": DAMAGED,
    "not a database": DAMAGED,
    "readonly database": READ_ONLY,
}
"""Parts of SQLite's messages, which have no error number once a library has wrapped them."""


def system_error(error: BaseException) -> str | None:
    """Cause and cure of an error of the machine; None for other errors."""
    if isinstance(error, OSError) and error.errno in EXHAUSTED:
        what = f"processes, memory or open files: {error.strerror}"
        return f"this machine is out of {what}; {FREE_SOME}"
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.errno in NUMBERS:
            return NUMBERS[cause.errno]
        if isinstance(cause, FileNotFoundError) and "temporary directory" in str(cause):
            return NO_TEMPORARY
        if isinstance(cause, sqlite3.Error):
            for part, words in MESSAGES.items():
                if part in str(cause):
                    return words
    return None


def path_error(error: BaseException) -> str | None:
    """What is wrong with the path that an error names; None for other errors."""
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.errno in PATHS and cause.filename is not None:
            name = os.fsdecode(cause.filename)
            shown = name if len(name) <= SHOWN else f"{name[:SHOWN]}..."
            return f"{shown}: {cause.strerror}; {PATHS[cause.errno]}"
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and the errors that it came from."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__
