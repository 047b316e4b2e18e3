"""Charts as SVG text; colours and sizes of text come from the page, so they follow its theme.

A chart is 480 units wide. On the narrowest phone a unit is 0.7 px, and the page sets the text to 17
units there; the layout leaves room for that.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from agent.report.scale import Scale

WIDTH, HEIGHT = 480, 300
LEFT, RIGHT, TOP, BOTTOM = 62, 24, 34, 54
ROW = 44
"""Height of a row of bars or intervals, its name included."""
NAME_LENGTH = 52
TICK_GAP = 0.13
"""Ticks of a forest plot are at least this part of its width apart."""
COLOURS = 5
"""Of lines; the page's style has as many, each with dashes of its own."""
Point = tuple[float, float]


@dataclass(frozen=True)
class Mark:
    """An entry of a legend: the class that styles it and what it stands for."""

    style: str
    name: str
    shape: Literal["line", "dot", "band"] = "line"


class Chart(ABC):
    """A drawing and its words; `title` says what is drawn, to a screen reader as well."""

    title: str

    def legend(self) -> list[Mark]:
        """One entry for each kind of mark; empty where the drawing names them itself."""
        return []

    @abstractmethod
    def draw(self) -> tuple[str, float]:
        """SVG elements and the height that they take."""

    def svg(self) -> str:
        body, height = self.draw()
        label = escape(self.title)
        return f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{label}">{body}</svg>'


@dataclass(frozen=True)
class Series:
    """A line through points, or dots that each have a tip."""

    name: str
    points: Sequence[Point]
    style: str
    tips: Sequence[str] | None = None
    """Of the dots; None for a line."""


@dataclass(frozen=True)
class Plot(Chart):
    """Series over a common x, and levels as horizontal dashed lines with their names."""

    title: str
    x_name: str
    y_name: str
    series: Sequence[Series]
    levels: Sequence[tuple[str, float]] = ()
    log: bool = False

    def legend(self) -> list[Mark]:
        marks = [Mark(s.style, s.name, "line" if s.tips is None else "dot") for s in self.series]
        return marks + [Mark("reference", name) for name, _ in self.levels]

    def draw(self) -> tuple[str, float]:
        points = [p for s in self.series for p in s.points if math.isfinite(p[1])]
        x = Scale([p[0] for p in points], (LEFT, WIDTH - RIGHT))
        values = [*(p[1] for p in points), *(value for _, value in self.levels)]
        y = Scale(values, (HEIGHT - BOTTOM, TOP), log=self.log)
        parts = [self._frame(x, y)]
        for name, value in self.levels:
            at = y(value)
            parts.append(_line("reference", LEFT, WIDTH - RIGHT, at, at))
            # below the line where there is no room above
            label = at + 18 if at < TOP + 22 else at - 6
            parts.append(_text(WIDTH - RIGHT, label, name, "end", "label"))
        for series in self.series:
            places = [(x(px), y(py)) for px, py in series.points if math.isfinite(py)]
            if series.tips is None:
                path = " ".join(f"{px},{py}" for px, py in places)
                parts.append(f'<polyline class="line {series.style}" points="{path}"/>')
            else:
                tips = zip(places, series.tips, strict=True)
                parts += [_dot(*place, tip, series.style) for place, tip in tips]
        return "".join(parts), HEIGHT

    def _frame(self, x: Scale, y: Scale) -> str:
        bottom = HEIGHT - BOTTOM
        parts = [_text(2, 18, self.y_name), _text(WIDTH - RIGHT, HEIGHT - 8, self.x_name, "end")]
        for tick in x.ticks():
            parts.append(_line("grid", x(tick), x(tick), TOP, bottom))
            parts.append(_text(x(tick), bottom + 20, _tick(tick), "middle"))
        for tick in y.ticks():
            parts.append(_line("grid", LEFT, WIDTH - RIGHT, y(tick), y(tick)))
            parts.append(_text(LEFT - 6, y(tick) + 5, _tick(tick), "end"))
        return "".join(parts)


@dataclass(frozen=True)
class Bars(Chart):
    """Name, value and the text of each; `full` is the value of a bar over the whole width."""

    title: str
    rows: Sequence[tuple[str, float, str]]
    full: float | None = None

    def draw(self) -> tuple[str, float]:
        full = self.full or max((value for _, value, _ in self.rows), default=1.0) or 1.0
        parts = []
        for index, (name, value, text) in enumerate(self.rows):
            top, width = ROW * index, max(1.0, (WIDTH - 4) * value / full)
            parts.append(_text(2, top + 18, _short(name, NAME_LENGTH - len(text))))
            parts.append(_text(WIDTH - 2, top + 18, text, "end"))
            parts.append(
                f'<rect class="bar" x="2" y="{top + 25}" width="{width:.1f}" height="11"/>'
            )
        return "".join(parts), ROW * len(self.rows)


@dataclass(frozen=True)
class Forest(Chart):
    """Name, mean, low, high and finding of each; the band is plus or minus the margin.

    The axis is asinh(value / margin), linear inside the margin and logarithmic far outside of it.
    """

    title: str
    rows: Sequence[tuple[str, float, float, float, str]]
    unit: str
    margin: float

    def legend(self) -> list[Mark]:
        return [
            Mark("interval", "mean and 95% interval"),
            Mark("band", f"the margin, {self.margin:.3g} {self.unit} around zero", "band"),
        ]

    def draw(self) -> tuple[str, float]:
        bottom = ROW * len(self.rows) + 4
        reach = [self._bent(v) for _, mean, low, high, _ in self.rows for v in (mean, low, high)]
        ends = [self._bent(-self.margin), self._bent(self.margin)]
        scale = Scale([*reach, *ends], (RIGHT, WIDTH - RIGHT))
        left, right = (scale(end) for end in ends)
        parts = [
            f'<rect class="band" x="{left}" y="0" width="{right - left:g}" height="{bottom}"/>',
            _line("axis", scale(0), scale(0), 0, bottom),
        ]
        for tick in self._ticks(scale):
            name = f"{tick:+.3g}" if tick else "0"
            parts.append(_text(scale(self._bent(tick)), bottom + 20, name, "middle"))
        for index, (name, mean, low, high, finding) in enumerate(self.rows):
            at = ROW * index + 32
            parts.append(_text(2, at - 14, _short(f"{name}: {finding}"), "start", "label"))
            start, end = scale(self._bent(low)), scale(self._bent(high))
            parts.append(_line(f"interval {finding}", start, end, at, at))
            tip = f"{name}: {mean:+.4g} [{low:.4g}, {high:.4g}] {self.unit}"
            parts.append(_dot(scale(self._bent(mean)), at, tip, finding, 5))
        return "".join(parts), bottom + 28

    def _bent(self, value: float) -> float:
        return math.asinh(value / self.margin)

    def _ticks(self, scale: Scale) -> Iterable[float]:
        """Zero, and powers of ten times 1 or 3 on both sides, as far apart as their text."""
        yield 0.0
        gap = TICK_GAP * (scale.high - scale.low)
        start = math.floor(math.log10(self.margin))
        for sign in (-1, 1):
            last = 0.0
            for value in (sign * f * 10.0**p for p in range(start, start + 12) for f in (1, 3)):
                at = self._bent(value)
                if scale.low <= at <= scale.high and abs(at - last) >= gap:
                    last = at
                    yield value


def _tick(value: float) -> str:
    if value == round(value) and abs(value) < 1e5:
        return f"{value:.0f}"
    return f"{value:.3g}".replace("e-0", "e-").replace("e+0", "e")


def _short(text: str, length: int = NAME_LENGTH) -> str:
    return text if len(text) <= length else text[: length - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _line(style: str, x1: float, x2: float, y1: float, y2: float) -> str:
    return f'<line class="{escape(style)}" x1="{x1}" x2="{x2}" y1="{y1}" y2="{y2}"/>'


def _dot(x: float, y: float, tip: str, style: str = "", radius: float = 3.5) -> str:
    title = f"<title>{escape(tip)}</title>"
    return f'<circle class="dot {escape(style)}" cx="{x}" cy="{y}" r="{radius}">{title}</circle>'


def _text(x: float, y: float, text: str, anchor: str = "start", style: str = "tick") -> str:
    place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}"'
    return f'<text class="{style}" {place}>{escape(text)}</text>'
