"""Numbers of few digits, as every text of a result has them."""

from collections.abc import Sequence

LARGE = 1e9
"""From here on an exponent reads better."""


def figure(value: float, spec: str = ".3g") -> str:
    """As the format has it, but 1234.5 in place of 1.23e+03: steps count in thousands."""
    text = format(value, spec)
    if "e+" not in text or abs(value) >= LARGE:
        return text
    sign = "+" if spec.startswith("+") else ""
    return format(value, f"{sign}.1f").removesuffix(".0")


def between(bounds: Sequence[float], spec: str = ".3g") -> str:
    """The ends of an interval, as "[2.9, 3.5]"."""
    return f"[{', '.join(figure(bound, spec) for bound in bounds)}]"
