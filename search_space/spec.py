"""A spec: one part of every kind with its numbers. Data, not code; equal specs render equally."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from search_space.part import Part
from search_space.registry import KINDS, get_kind


@dataclass(frozen=True)
class Choice:
    """A part by name and its numbers, in the order in which the part declares them."""

    part: str
    params: tuple[tuple[str, float], ...] = ()

    def __getitem__(self, name: str) -> float:
        return dict(self.params)[name]


@dataclass(frozen=True)
class Spec:
    """One choice a kind, in the order of `KINDS`. Build it with `make_spec`, which checks it."""

    choices: tuple[tuple[str, Choice], ...]

    def __getitem__(self, kind: str) -> Choice:
        return dict(self.choices)[kind]

    def part(self, kind: str) -> Part:
        return get_kind(kind).part(self[kind].part)

    def to_json(self) -> dict[str, Any]:
        return {kind: {"part": c.part, **dict(c.params)} for kind, c in self.choices}

    @property
    def identifier(self) -> str:
        """Twelve hexadecimal digits that depend on every choice and number, and on nothing else."""
        canonical = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:12]

    @property
    def label(self) -> str:
        """A short name such as `muon-lookahead-cosine`, without the neutral parts."""
        order = ("direction", "momentum", "decay", "schedule")
        kept = [
            self[k].part for k in order if k == "direction" or self[k].part != get_kind(k).neutral
        ]
        return "-".join(kept)


def make_spec(choices: Mapping[str, Mapping[str, Any]]) -> Spec:
    """Check and clean `{kind: {"part": name, parameter: number}}`.

    A kind that is left out gets its neutral part, a parameter its default. Raises ValueError.
    """
    unknown = set(choices) - {kind.name for kind in KINDS}
    if unknown:
        names = ", ".join(kind.name for kind in KINDS)
        raise ValueError(f"no kind named {min(unknown)!r}; there are: {names}")
    made = []
    for kind in KINDS:
        given = dict(choices.get(kind.name, {"part": kind.neutral}))
        part = given.pop("part", kind.neutral)
        params = kind.params(part)
        extra = set(given) - {param.name for param in params}
        if extra:
            raise ValueError(f"{kind.name}.{part}: no parameter named {min(extra)!r}")
        values = tuple((p.name, p.clean(float(given.get(p.name, p.default)))) for p in params)
        made.append((kind.name, Choice(part, values)))
    return Spec(tuple(made))
