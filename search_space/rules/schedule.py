"""A quantity that changes over a part of the run."""

import math


def ramp(x: float, start: float, end: float) -> float:
    """Rises from 0 at x = `start` to 1 at `end`, and stays."""
    return min(max((x - start) / (end - start), 0.0), 1.0)


def fall(x: float, middle: float, width: float) -> float:
    """Falls from 1 to 0 along an S-curve with 1/2 at x = `middle`."""
    return 1 / (1 + math.exp(min((x - middle) / width, 700.0)))


def between_half_lives(first: float, last: float, share: float) -> float:
    """The decay whose half-life lies between those of two decays, `share` of the way to `last`."""
    return math.exp(1 / ((1 - share) / math.log(first) + share / math.log(last)))
