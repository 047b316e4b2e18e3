"""What every proposer of specs is: one method, from what a study has seen to the next specs."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from search_space.part import Structure
from search_space.spec import Spec

FAILED = (2.0, 0.0)
"""The place of a trial that failed."""
UNCLIMBED = 1.0
"""First of the place of a trial that runs, or was stopped at the first rung."""
RUNNING = (UNCLIMBED, math.inf)


@dataclass(frozen=True)
class Seen:
    """A finished trial: its spec, and the place of its result, lower being better.

    The place of a complete trial is (0, value), of one that the ladder stopped (1 / rungs it has
    run, value at its last), and of one that failed FAILED. The last training loss, where it is
    known, tells results of the same value apart.
    """

    spec: Spec
    place: tuple[float, float]
    last_loss: float | None = None

    @property
    def complete(self) -> bool:
        return self.place[0] == 0


def ranked(seen: Sequence[Seen]) -> list[Seen]:
    """The best first, and the earliest of equals."""
    return sorted(seen, key=lambda one: one.place)


class Proposer(ABC):
    """Proposes specs for the next trial of a study, from its finished trials in order."""

    @abstractmethod
    def propose(
        self,
        seen: Sequence[Seen],
        structure: Structure,
        draw: np.random.Generator,
        count: int = 1,
        within: str | None = None,
    ) -> list[Spec]:
        """`count` specs, the first the most promising; the same for the same trials and state of
        `draw`.

        `seen` has at least one trial, and is the remembered ones of a long study. All are of one
        species (`agent.proposers.species`) where `within` names it.
        """
