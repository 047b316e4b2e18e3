"""An instance: one track with its seeds and scale, official or drawn from a text."""

import hashlib
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Seeds:
    """Every random choice of an instance, each from its own generator."""

    teacher: int
    student: int
    train: int
    eval: int
    batch: int
    tokens: int | None = None
    """Seed of a permutation of the token identifiers; None leaves them as they are."""


OFFICIAL_SEEDS = Seeds(teacher=1729, student=314159, train=271828, eval=161803, batch=141421)


WIDE = "wide-"
"""The begin of a text whose instance has tokens that follow from all 63 bits of their seed."""
WIDE_SEED = 2**63
"""Set in the seed of such tokens, so that the seed itself says how it is used."""


@dataclass(frozen=True)
class Instance:
    """A track with seeds and scale. `drawn_from` is None for the official instance."""

    track: str
    seeds: Seeds
    scale: str = "full"
    drawn_from: str | None = None

    @property
    def official(self) -> bool:
        return self.drawn_from is None


def official_instance(track: str, scale: str = "full") -> Instance:
    """The instance with the benchmark's public seeds: it ranks, it is what a leaderboard shows."""
    return Instance(track, OFFICIAL_SEEDS, scale)


def drawn_instance(track: str, seed: str, scale: str = "full") -> Instance:
    """Draw an instance from any text: new teacher, student, data, order and token identifiers.

    Each seed is 63 bits of SHA-256 over (text, track, name of the seed), so that one of them (the
    student's can be guessed from its parameters) reveals nothing about another. torch's generator
    uses the lower 32 of them, which a submission can try out against the rows that gradients touch;
    so the tokens of a text that begins with WIDE follow from all of them.
    """
    drawn = {}
    for field in fields(Seeds):
        label = f"{seed}/{track}/{field.name}".encode()
        drawn[field.name] = int.from_bytes(hashlib.sha256(label).digest()[:8], "big") >> 1
    if seed.startswith(WIDE):
        drawn["tokens"] |= WIDE_SEED
    return Instance(track, Seeds(**drawn), scale, seed)
