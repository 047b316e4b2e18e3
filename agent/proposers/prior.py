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
        self,
        seen: Sequence[Seen],
        structure: Structure,
        draw: np.random.Generator,
        count: int = 1,
        within: str | None = None,
    ) -> list[Spec]:
        return [walk(Drawn(draw), structure, coordinates=within) for _ in range(count)]
