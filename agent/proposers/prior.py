"""Random specs."""

from collections.abc import Sequence

import numpy as np

from agent.proposers.proposer import Proposer, Seen
from search_space.mutate import Drawn
from search_space.part import Structure
from search_space.spec import Spec
from search_space.walk import walk


class Prior(Proposer):
    """Random specs, whatever the trials gave."""

    def propose(
        self, seen: Sequence[Seen], structure: Structure, draw: np.random.Generator, count: int = 1
    ) -> list[Spec]:
        return [walk(Drawn(draw), structure) for _ in range(count)]
