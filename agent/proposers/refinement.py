"""Refinement: the parts of the best complete trials with other numbers.

Smaller scales rank parts well and numbers badly: a step size that is best at a quarter of the width
is too long at the whole. So a refinement is neither screened nor sent up the ladder.
"""

import math
from collections.abc import Sequence

import numpy as np

from agent.knowledge.prediction import Parts
from agent.knowledge.tried import parts_in
from agent.proposers.diversity import distinct
from agent.proposers.evolution import tournament
from agent.proposers.proposer import Seen
from search_space.mutate import moved
from search_space.part import Structure
from search_space.spec import Spec

PARENTS = 3
"""Of how many different sets of parts the best spec may be refined."""
RATES = (0.05, 0.3)
"""Range of the share of the numbers that move."""
STEPS = (0.02, 0.15)
"""Of their steps' standard deviation as a share of a number's range, log-uniform."""
ATTEMPTS = 20


def refinement(
    seen: Sequence[Seen], structure: Structure, draw: np.random.Generator
) -> Spec | None:
    """A spec that the study does not have; None where nothing is complete or has a number.

    The parent is the better one of two drawn from the best specs of different parts.
    """
    parents = _parents(seen)
    if not parents:
        return None
    known = {one.spec.identifier for one in seen}
    for _ in range(ATTEMPTS):
        parent = tournament(parents, draw)
        step = math.exp(draw.uniform(math.log(STEPS[0]), math.log(STEPS[1])))
        spec = moved(parent, draw, draw.uniform(*RATES), step, structure)
        if spec.identifier not in known:
            return spec
    return None


def _parents(seen: Sequence[Seen]) -> list[Spec]:
    """The best complete spec of each set of parts, without copies, PARENTS of them."""
    best: dict[Parts, Spec] = {}
    for one in distinct(seen):
        if one.complete:
            best.setdefault(parts_in(one.spec), one.spec)
    return list(best.values())[:PARENTS]
