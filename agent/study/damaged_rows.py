"""Rows of a ledger that are not as this program writes them, after an edit or on a bad disk."""

from collections.abc import Iterator
from contextlib import contextmanager

from agent.study.errors import UnreadableFileError, UserError

DAMAGES = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What reading such a row raises."""


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Raise UnreadableFileError where the rows of `what`, which are read meanwhile, are damaged."""
    try:
        yield
    except UserError:
        raise
    except DAMAGES as error:
        raise UnreadableFileError(
            f"the ledger is damaged: {what} is not as this program writes it; restore the ledger "
            "from a copy, or move runs/ away"
        ) from error
