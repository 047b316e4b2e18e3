"""A quantity that changes over a part of the run."""


def ramp(x: float, start: float, end: float) -> float:
    """Rises from 0 at x = `start` to 1 at `end`, and stays."""
    return min(max((x - start) / (end - start), 0.0), 1.0)
