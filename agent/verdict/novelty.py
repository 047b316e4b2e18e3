"""Whether a winner is new, by its behavioural fingerprint."""

from dataclasses import dataclass
from enum import StrEnum


class NoveltyKind(StrEnum):
    KNOWN = "known"
    """Its updates are those of a known optimizer, up to one factor."""
    SIMPLIFIED = "simplified"
    """Its updates are those of a known optimizer without some of its parts."""
    NEW = "new"


@dataclass(frozen=True)
class Novelty:
    """The nearest known optimizer and its distance.

    `distance` is |a - b| / max(|a|, |b|) of the two fingerprints, the largest over the probes: 0 is
    equal, 1.41 unrelated. `rescaled` is the distance of both at equal length, so without the step
    size. `without` names the parts that `nearest` has and the winner has not.
    """

    kind: NoveltyKind
    nearest: str
    distance: float
    rescaled: float
    without: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The first sentence of a headline."""
        if self.kind is NoveltyKind.NEW:
            return (
                f"New optimizer: the nearest known one is {self.nearest}, at fingerprint distance "
                f"{min(self.distance, self.rescaled):.2g} (0 is equal, 1.4 unrelated)."
            )
        name = f"{self.nearest} without {', '.join(self.without)}" if self.without else self.nearest
        simplified = ", simplified" if self.kind is NoveltyKind.SIMPLIFIED else ""
        return f"A known optimizer{simplified}; nothing new was found: the updates are of {name}."
