"""Numbers to pixels, for the axes of charts."""

import math
from collections.abc import Iterable


class Scale:
    """Numbers to pixels, linear or logarithmic, with readable ticks."""

    def __init__(
        self, values: Iterable[float], pixels: tuple[float, float], *, log: bool = False
    ) -> None:
        finite = [v for v in values if math.isfinite(v) and (v > 0 or not log)]
        low, high = (min(finite), max(finite)) if finite else (1.0, 10.0)
        if log and high < 1.2 * low:
            low, high = low / 1.5, high * 1.5
        elif high == low:
            low, high = low - 1, high + 1
        self.log, self.low, self.high, self._pixels = log, low, high, pixels

    def __call__(self, value: float) -> float:
        low, high, value = (
            (math.log10(v) if self.log else v)
            for v in (self.low, self.high, min(max(value, self.low), self.high))
        )
        start, end = self._pixels
        return round(start + (value - low) / (high - low) * (end - start), 1)

    def ticks(self) -> list[float]:
        return self._log_ticks() if self.log else self._linear_ticks()

    def _linear_ticks(self) -> list[float]:
        rough = (self.high - self.low) / 5
        power = 10.0 ** math.floor(math.log10(rough))
        step = power * next(factor for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
        first, last = math.ceil(self.low / step), math.floor(self.high / step + 1e-9)
        return [step * n for n in range(first, last + 1)]

    def _log_ticks(self) -> list[float]:
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        decades = last - first
        factors = (1, 2, 5) if decades <= 2 else (1,)
        every = max(1, math.ceil(decades / 6))
        marks = [f * 10.0**p for p in range(first, last + 1, every) for f in factors]
        return [mark for mark in marks if self.low <= mark <= self.high] or [self.low, self.high]
