"""Shapes of a schedule: a share of the peak at x, the fraction of the run, from 0 to 1."""

import math


def cosine(x: float) -> float:
    """(1 + cos(pi x)) / 2."""
    return (1 + math.cos(math.pi * min(x, 1.0))) / 2


def warmdown(x: float, length: float) -> float:
    """One, then a straight line to zero over the last `length` of the run."""
    return max(0.0, min(1.0, (1 - x) / length))


def lognormal(x: float, peak: float, sigma: float) -> float:
    """A lognormal density over its value at the mode: exp(-ln(x / peak)^2 / 2 sigma^2)."""
    return math.exp(-(math.log(max(x, 1e-9) / peak) ** 2) / (2 * sigma**2))


def power_law(x: float, scale: float, power: float) -> float:
    """(1 + x / scale)^-power."""
    return float((1 + x / scale) ** -power)


def ramp(x: float, start: float, end: float) -> float:
    """Rises from 0 at `start` to 1 at `end`, and stays."""
    return min(max((x - start) / (end - start), 0.0), 1.0)
