"""Species: specs of different coordinates compete with each other in a quarter of the rounds only.

Other coordinates need other step sizes and directions, so the first specs in them are worse than
those that have been improved for long, and would have no children. That new species compete within
themselves until they are mature is from NEAT (Stanley and Miikkulainen 2002).
"""

from collections import Counter
from collections.abc import Sequence

from agent.proposers.proposer import Seen
from search_space.part import Structure
from search_space.registry import get_kind
from search_space.spec import Spec
from search_space.walk import acts_on

APART = 0.75
"""Share of the rounds that are within one species, that of which least was seen."""
LEAST = 4
"""Specs that did not fail, before a species is learned from; until then its rounds are random."""


def species(spec: Spec) -> str | None:
    """The coordinates of a spec; None where its phases differ in them.

    Else a species would be taken over by specs whose other phase does all the work.
    """
    found = {phase["coordinates"].part for phase in spec.phases}
    return found.pop() if len(found) == 1 else None


def rarest(seen: Sequence[Seen], structure: Structure) -> str | None:
    """The species of which least is seen; None where there is only one."""
    names = [part.name for part in get_kind("coordinates").parts if acts_on(part, structure)]
    counts = Counter(species(one.spec) for one in seen)
    return min(names, key=lambda name: counts[name]) if len(names) > 1 else None


def is_known(seen: Sequence[Seen], name: str) -> bool:
    """Whether there is something to learn from in a species."""
    return sum(one.complete for one in members(seen, name)) >= LEAST


def belongs(spec: Spec, name: str | None) -> bool:
    """Whether a spec is of the species of this name; all are where it is None."""
    return name in (None, species(spec))


def members(seen: Sequence[Seen], name: str | None) -> list[Seen]:
    """Those of one species, or all."""
    return [one for one in seen if belongs(one.spec, name)]
