"""Whether a winner is new, by its behavioural fingerprint."""

from dataclasses import dataclass
from enum import StrEnum


class NoveltyKind(StrEnum):
    KNOWN = "known"
    """Its updates are those of a known optimizer."""
    RESCALED = "rescaled"
    """Its updates are those of a known optimizer, times one factor."""
    SIMPLIFIED = "simplified"
    """Its updates are those of a known optimizer without some of its parts."""
    TUNED = "tuned"
    """Its parts are those of a known recipe, or of one without a part, with other numbers."""
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
        name = f"{self.nearest} without {', '.join(self.without)}" if self.without else self.nearest
        apart = min(self.distance, self.rescaled)
        distance = f"at distance {apart:.2g} (0 is equal, 1.4 unrelated)"
        match self.kind:
            case NoveltyKind.KNOWN:
                return f"A known optimizer; nothing new was found: its updates are of {name}."
            case NoveltyKind.RESCALED:
                return f"A known optimizer; nothing new was found: it is {name}, step size apart."
            case NoveltyKind.SIMPLIFIED:
                return f"A known recipe, simplified; nothing new was found: it is {name}."
            case NoveltyKind.TUNED:
                return f"A known recipe with other numbers: the parts of {name}, {distance}."
            case NoveltyKind.NEW:
                nearest = "the nearest known optimizer is"
                return f"New by its behavioural fingerprint: {nearest} {name}, {distance}."
