"""Evolution: children of a study's best specs."""

import math
from collections.abc import Sequence

import numpy as np

from agent.proposers.diversity import best, unseen
from agent.proposers.proposer import Proposer, Seen
from agent.proposers.species import members
from search_space.mutate import Drawn, crossed, mutated, neighbour
from search_space.part import Structure
from search_space.spec import Spec
from search_space.walk import walk

PARENTS = 5
"""How many of the best may have children."""
CROSSED = 0.5
"""Share of the children that have two parents."""
TRIES = 4
"""Specs that are drawn for one that is new."""
RATES = (0.02, 0.3)
"""Range of mutation rates, log-uniform."""


def neighbours(
    seen: Sequence[Seen],
    structure: Structure,
    draw: np.random.Generator,
    count: int,
    within: str | None = None,
) -> list[Spec]:
    """New specs, each one of the best with a single change; none where nothing did not fail."""
    parents = best(members(seen, within), PARENTS)
    drawn = (
        neighbour(tournament(parents, draw), draw, structure, within)
        for _ in range(TRIES * count if parents else 0)
    )
    return unseen(drawn, seen)[:count]


def tournament(parents: Sequence[Spec], draw: np.random.Generator) -> Spec:
    """The better of two that are drawn."""
    return parents[int(draw.integers(len(parents), size=2).min())]


def children(
    seen: Sequence[Seen],
    structure: Structure,
    draw: np.random.Generator,
    count: int,
    within: str | None = None,
) -> list[Spec]:
    """`count` children of the best, some of which may be specs that the study has."""
    parents = best(members(seen, within), PARENTS)
    others = [] if within is None else best(seen, PARENTS)
    mates = [*parents, *others]
    return [_child(parents, mates, structure, draw, within) for _ in range(count)]


def _child(
    parents: Sequence[Spec],
    mates: Sequence[Spec],
    structure: Structure,
    draw: np.random.Generator,
    within: str | None,
) -> Spec:
    if not parents:
        return walk(Drawn(draw), structure, coordinates=within)
    parent = tournament(parents, draw)
    if draw.random() < CROSSED:
        parent = crossed(parent, mates[int(draw.integers(len(mates)))], draw)
    low, high = (math.log(rate) for rate in RATES)
    return mutated(parent, draw, math.exp(draw.uniform(low, high)), structure, within)


class Evolution(Proposer):
    """A mutated copy of one of the best specs, or of a crossover of two, that the study has not.

    The first parent is the better one of two drawn from the best (a tournament of two); the rate of
    mutation is drawn for each child, so that some are close to a parent and some are far. Within
    one species the other parent may also be one of the best of all.
    """

    def propose(
        self,
        seen: Sequence[Seen],
        structure: Structure,
        draw: np.random.Generator,
        count: int = 1,
        within: str | None = None,
    ) -> list[Spec]:
        drawn = children(seen, structure, draw, TRIES * count, within)
        # where everything is seen the trial is a duplicate, which the search skips
        return [*unseen(drawn, seen), *drawn][:count]
