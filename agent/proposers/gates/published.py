"""Fingerprints of published optimizers, measured once: names and numbers, none of their code.

`benchmarks/published.py` measures them and writes the table.
"""

import base64
import json
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from agent.verdict.stage_record import Record

TABLE = Path(__file__).with_name("published.json")
STRIDE = 4
"""Steps that a kept move sums up: a quarter of the numbers, and no step is left out."""

Fingerprint = tuple[tuple[float, ...] | None, ...]
"""Per probe, how the projected parameters moved at each step; None where a run failed."""


@dataclass(frozen=True)
class Moves(Record):
    """How the projected parameters moved on a probe, over every STRIDE steps."""

    length: float
    shape: str
    """The moves at length 1: little-endian numbers of 16 bits, in base64."""

    @classmethod
    def of(cls, moves: Sequence[float]) -> "Moves":
        length = math.hypot(*moves)
        shape = struct.pack(f"<{len(moves)}e", *(move / (length or 1.0) for move in moves))
        return cls(float(f"{length:.6g}"), base64.b64encode(shape).decode())

    @property
    def numbers(self) -> tuple[float, ...]:
        kept = base64.b64decode(self.shape)
        return tuple(self.length * x for x in struct.unpack(f"<{len(kept) // 2}e", kept))


@dataclass(frozen=True)
class Published(Record):
    """A published optimizer with the settings of its constructor, at one step size."""

    name: str
    """Where it is imported from, as in `torch.optim.Adam`."""
    step_size: float | None
    """None where its constructor takes none."""
    moves: dict[str, Moves | None]
    """By probe; None where it fails there."""

    def fingerprint(self, probes: Sequence[str]) -> Fingerprint:
        kept = [self.moves[probe] for probe in probes]
        return tuple(moves.numbers if moves else None for moves in kept)


@dataclass(frozen=True)
class PublishedTable(Record):
    """What was measured, with what, and what was not measured."""

    measured_with: dict[str, str]
    """Versions of torch and of the packages, and the processor."""
    optimizers: tuple[Published, ...]
    same_as: dict[str, str]
    """Those that move as another one does, the step size apart: its name."""
    skipped: dict[str, str]
    """Those without a fingerprint: why."""


@lru_cache
def published_table() -> PublishedTable:
    return PublishedTable.from_json(json.loads(TABLE.read_text()))


def published(probes: Sequence[str]) -> list[tuple[str, Fingerprint]]:
    """Name and fingerprint of each on the named probes; one whose step size is no mere factor has
    several."""
    return [(one.name, one.fingerprint(probes)) for one in published_table().optimizers]


def coarse(fingerprint: Fingerprint) -> Fingerprint:
    """The fingerprint as the table keeps it: moves over every STRIDE steps."""
    return tuple(
        moves and tuple(sum(moves[at : at + STRIDE]) for at in range(0, len(moves), STRIDE))
        for moves in fingerprint
    )
