"""What every search of the benchmark is: one that proposes specs and learns from them."""

from abc import ABC, abstractmethod

from search_space.spec import Spec
from searches.outcome import Outcome


class Arm(ABC):
    """One search, from its first trial to its last."""

    @abstractmethod
    def propose(self) -> Spec:
        """The next spec."""

    @abstractmethod
    def learn(self, outcome: Outcome) -> None:
        """How the spec did that was proposed last."""
