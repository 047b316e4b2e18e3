"""`--storage`, which every verb takes: the variable with the ledger's address, for one command."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from agent.study.errors import UserError
from agent.study.storage_address import EXPECTED, VARIABLE, StorageAddress

OPTION = "--storage"


@contextmanager
def using_storage(words: Sequence[str]) -> Iterator[list[str]]:
    """The words of a command line without the option, which holds for what is done meanwhile.

    Raises UserError as `stored_at`.
    """
    rest, given = _parted(words)
    with stored_at(given):
        yield rest


@contextmanager
def stored_at(address: str | None) -> Iterator[None]:
    """Work with the ledger there, if any is given, also in the processes that this one starts.

    Raises UserError, also for a password, which everybody would see in the list of processes.
    """
    if address is None:
        yield
        return
    StorageAddress.parse(address, allow_password=False)
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = address
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


def _parted(words: Sequence[str]) -> tuple[list[str], str | None]:
    """The other words, and the last address."""
    rest: list[str] = []
    given: str | None = None
    left = iter(words)
    for word in left:
        if word == OPTION:
            given = next(left, None)
            if given is None:
                raise UserError(f"{OPTION} names no ledger: {EXPECTED}")
        elif word.startswith(f"{OPTION}="):
            given = word.partition("=")[2]
        else:
            rest.append(word)
    return rest, given
