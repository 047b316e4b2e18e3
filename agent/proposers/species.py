"""Species: specs of different coordinates compete with each other in half of the rounds only.

Other coordinates need other step sizes and directions, so the first specs in them are worse than
those that have been improved for long, and would have no children. That new species compete within
themselves until they are mature is from NEAT (Stanley and Miikkulainen 2002).
"""

from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np

from agent.proposers.proposer import Seen
from search_space.part import Structure
from search_space.registry import get_kind
from search_space.spec import Spec
from search_space.walk import acts_on

APART = 0.5
"""Share of the rounds that are within one species."""
LEAST = 4
"""Specs that did not fail, before a species is learned from; until then its rounds are random."""
ATTEMPTS = 8
"""For each spec that is wanted of one species."""


def species(spec: Spec) -> str:
    """The coordinates in which a spec ends."""
    return spec.phases[-1]["coordinates"].part


def turn(structure: Structure, draw: np.random.Generator) -> str | None:
    """The species of a round, each with the same probability; None: a round of all."""
    parts = get_kind("coordinates").parts
    names = [part.name for part in parts if acts_on(part, structure)]
    if len(names) < 2 or draw.random() >= APART:
        return None
    return names[int(draw.integers(len(names)))]


def is_known(seen: Sequence[Seen], name: str) -> bool:
    """Whether there is something to learn from in a species."""
    return sum(one.complete for one in members(seen, name)) >= LEAST


def belongs(spec: Spec, name: str | None) -> bool:
    """Whether a spec is of the species of this name; all are where it is None."""
    return name in (None, species(spec))


def members(seen: Sequence[Seen], name: str | None) -> list[Seen]:
    """Those of one species, or all."""
    return [one for one in seen if belongs(one.spec, name)]


def made(make: Callable[[], Spec], name: str | None, count: int) -> list[Spec]:
    """`count` specs, or of one species as many as that many times ATTEMPTS gave."""
    specs = (make() for _ in range(ATTEMPTS * count))
    return list(islice((spec for spec in specs if belongs(spec, name)), count))
