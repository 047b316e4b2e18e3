"""Paths with their links followed, on every Python."""

import errno
import os
from pathlib import Path


def followed(path: Path) -> Path:
    """As `Path.resolve`. Raises OSError or RuntimeError for links that lead to themselves."""
    found = path.resolve()
    if found.is_symlink():  # Python 3.13 gives such a link back
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return found
