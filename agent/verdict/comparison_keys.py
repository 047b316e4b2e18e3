"""The key of a comparison: drawn once both files are frozen; its instances are drawn from it."""

import hmac
import os
import re
from dataclasses import dataclass
from typing import Any, Protocol

from agent.study.damaged_rows import reading
from agent.study.ledger import Ledger
from agent.study.study import Study
from tracks.instance import WIDE

BYTES = 32
"""Of a key, as many as an HMAC-SHA-256 can use in full strength."""
DRAWN = re.compile(f"(?:{WIDE})?[0-9a-f]{{{2 * BYTES}}}")
"""A key that was drawn from the system; a key that stands for a seed never has this form. Keys
without WIDE are of comparisons whose tokens were drawn from 32 bits."""
PREFIX = "comparison "
DIGITS = 24
"""Hexadecimal digits of an instance's text."""


def instance_texts(
    key: str, digest: str, against: str, track: str, scale: str, count: int
) -> list[str]:
    """What each instance of a comparison is drawn from.

    An HMAC-SHA-256, keyed with the ASCII text of the key, over digest/against/track/scale/index: it
    can be published to repeat one run and reveals neither the key nor another instance. The
    first texts are the same for every `count`, and begin with WIDE where the key does.
    """
    begins = WIDE if key.startswith(WIDE) else ""
    messages = (f"{digest}/{against}/{track}/{scale}/{index}" for index in range(count))
    digests = (hmac.new(key.encode(), m.encode(), "sha256").hexdigest() for m in messages)
    return [begins + digest[:DIGITS] for digest in digests]


def draw() -> str:
    """A new key, from the system's own entropy."""
    return WIDE + os.urandom(BYTES).hex()


class Keys(Protocol):
    """Where the keys of comparisons come from."""

    def key(self, challenger: str, opponent: str) -> str:
        """The key of the comparison of these two digests, the same whenever it is asked for."""


class ComparisonKeys:
    """The keys of one study, each drawn from the system when its comparison begins.

    The digests of the two files are kept first, then a key is drawn and kept at once. Of processes
    that begin the same comparison one draws, and a comparison that was begun before has its key
    again: it is never drawn twice.
    """

    def __init__(self, study: Study) -> None:
        self._study = study

    def key(self, challenger: str, opponent: str) -> str:
        name = f"{PREFIX}{challenger}/{opponent}"
        frozen = {"challenger": challenger, "opponent": opponent}
        with self._study.locks.exclusive(f"{self._study.name}/keys.lock"):
            kept = self._study.notes(PREFIX).get(name)
            if kept is None:
                self._study.note(name, frozen | {"key": None})
            elif (drawn := self._drawn(kept)) is not None:
                return drawn
            # nothing is between drawing and keeping it: what was not kept was never used
            key = draw()
            self._study.note(name, frozen | {"key": key})
        return key

    def drawn(self) -> list[str]:
        kept = map(self._drawn, self._study.notes(PREFIX).values())
        return [key for key in kept if key is not None]

    def _drawn(self, kept: Any) -> str | None:
        """The key of a comparison as it was kept; None for one that was not drawn yet."""
        with reading(f"study {self._study.name}"):
            return None if kept["key"] is None else str(kept["key"])


@dataclass(frozen=True)
class SeededKeys:
    """One key for all comparisons, known in advance: for self-tests and benchmarks, to repeat."""

    seed: str

    def key(self, challenger: str, opponent: str) -> str:
        return f"seed:{self.seed}"


def drawn_keys(ledger: Ledger) -> list[str]:
    """The keys of every comparison of every study so far."""
    return [key for study in ledger.all() for key in ComparisonKeys(study).drawn()]
