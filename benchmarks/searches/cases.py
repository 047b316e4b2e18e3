"""What is searched on: tracks, scales, numbers of trials and of seeds, and levels to reach."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """`levels` are values of the objective to reach; those of half were set on its first seeds.

    `screen` is the scale of the arms that screen.
    """

    track: str
    scale: str
    trials: int
    seeds: int
    levels: tuple[float, ...]
    screen: str = "tiny"

    @property
    def name(self) -> str:
        return f"{self.track}/{self.scale}"


CASES = (
    Case("mqar", "half", 60, 20, (100.0, 60.0, 40.0)),
    Case("single_ar", "half", 60, 20, (400.0, 300.0, 200.0)),
    Case("mqar", "small", 100, 20, (40.0, 10.0, 5.0)),
    Case("single_ar", "small", 100, 20, (80.0, 40.0, 20.0)),
    Case("mqar", "full", 50, 5, (100.0, 60.0, 40.0), "quarter"),
    Case("single_ar", "full", 50, 5, (400.0, 300.0, 200.0), "quarter"),
    Case("random_teacher", "half", 50, 3, (100.0, 10.0, 1.0), "three_eighths"),
    Case("tiny_lm", "tiny", 50, 3, (4.0, 3.5, 3.0)),
)


def case(name: str) -> Case:
    """By its name, such as mqar/half. Raises ValueError."""
    for one in CASES:
        if one.name == name:
            return one
    raise ValueError(f"no case {name!r}; there are: {', '.join(c.name for c in CASES)}")
