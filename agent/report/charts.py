"""Charts as SVG text for the HTML report; colours come from the page, so they follow its theme."""

import math
from collections.abc import Iterable, Sequence
from html import escape

WIDTH, HEIGHT = 640, 280
COLOURS = 5
"""Of lines; the page defines as many."""
TICK_WIDTH = 10
"""Ticks of the forest plot are at least this part of its width apart."""
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 12, 40
Point = tuple[float, float]


class Scale:
    """Numbers to pixels, linear or logarithmic, with readable ticks."""

    def __init__(
        self, values: Iterable[float], pixels: tuple[float, float], *, log: bool = False
    ) -> None:
        finite = [v for v in values if math.isfinite(v) and (v > 0 or not log)]
        low, high = (min(finite), max(finite)) if finite else (1.0, 10.0)
        if log:
            low, high = 10 ** math.floor(math.log10(low)), 10 ** math.ceil(math.log10(high))
            high = high if high > low else low * 10
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
        if self.log:
            first, last = round(math.log10(self.low)), round(math.log10(self.high))
            every = max(1, math.ceil((last - first) / 6))
            return [10.0**power for power in range(first, last + 1, every)]
        step = 10 ** math.floor(math.log10((self.high - self.low) / 4))
        while (self.high - self.low) / step > 6:
            step *= 2.5 if round(step / 10 ** math.floor(math.log10(step))) == 2 else 2
        start = math.ceil(self.low / step)
        return [step * n for n in range(start, math.floor(self.high / step + 1e-9) + 1)]


def number(value: float) -> str:
    return f"{value:.3g}".replace("e-0", "e-").replace("e+0", "e+")


def frame(x: Scale, y: Scale, x_name: str, y_name: str) -> str:
    """Axes with ticks and grid lines."""
    parts = []
    for tick in x.ticks():
        at = x(tick)
        parts.append(f'<line class="grid" x1="{at}" x2="{at}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        parts.append(_text(at, HEIGHT - BOTTOM + 15, number(tick), "middle"))
    for tick in y.ticks():
        at = y(tick)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at}" y2="{at}"/>')
        parts.append(_text(LEFT - 6, at + 4, number(tick), "end"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, x_name, "middle"))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    parts.append(
        f'<text transform="translate(14 {middle}) rotate(-90)" text-anchor="middle">'
        f"{escape(y_name)}</text>"
    )
    return "".join(parts)


def svg(body: str, title: str, height: float = HEIGHT, width: float = WIDTH) -> str:
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img" '
        f'aria-label="{escape(title)}">{body}</svg>'
    )


def axes(points: Sequence[Point], *, log: bool, more: Sequence[float] = ()) -> tuple[Scale, Scale]:
    x = Scale([p[0] for p in points] or [0, 1], (LEFT, WIDTH - RIGHT))
    y = Scale([*(p[1] for p in points), *more], (HEIGHT - BOTTOM, TOP), log=log)
    return x, y


def best_so_far(
    trials: Sequence[tuple[float, float, str]],
    x_name: str,
    y_name: str,
    *,
    log: bool,
    reference: tuple[str, float] | None = None,
) -> str:
    """Complete trials as dots (x, value, label), the lowest so far as a line."""
    points = [(x, value) for x, value, _ in trials]
    more = [reference[1]] if reference else []
    x, y = axes([(0.0, points[0][1]), *points] if points else [], log=log, more=more)
    body = frame(x, y, x_name, y_name)
    if reference:
        at = y(reference[1])
        body += f'<line class="reference" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at}" y2="{at}"/>'
        body += _text(WIDTH - RIGHT - 4, at - 5, reference[0], "end")
    for px, value, label in trials:
        body += _dot(x(px), y(value), f"{label}: {number(value)}")
    best, path = math.inf, ""
    for px, value in sorted(points):
        if value < best:
            path += f"M{x(px)} {y(value)}" if not path else f"H{x(px)}V{y(value)}"
            best = value
    if path:
        body += f'<path class="best" d="{path}H{WIDTH - RIGHT}"/>'
    return svg(body, f"best {y_name} so far against {x_name}")


def curves(
    lines: Sequence[tuple[str, Sequence[Point]]],
    y_name: str,
    *,
    log: bool,
    target: float | None = None,
    reference: tuple[str, Sequence[Point]] | None = None,
    winner: tuple[str, Sequence[Point]] | None = None,
) -> str:
    """One line a run: (name, points); the reference below, the winner above, the target dashed."""
    drawn = [(f"c{index % COLOURS}", *run) for index, run in enumerate(lines)]
    drawn = [("old", *reference), *drawn] if reference else drawn
    drawn = [*drawn, ("new", *winner)] if winner else drawn
    points = [point for *_, line in drawn for point in line if math.isfinite(point[1])]
    x, y = axes(points, log=log, more=[target] if target else [])
    body = frame(x, y, "step", y_name)
    if target:
        at = y(target)
        body += f'<line class="reference" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at}" y2="{at}"/>'
        body += _text(WIDTH - RIGHT - 4, at - 5, "target", "end")
    for kind, name, line in drawn:
        path = " ".join(f"{x(px)},{y(py)}" for px, py in line if math.isfinite(py))
        body += (
            f'<polyline class="line {kind}" points="{path}">'
            f"<title>{escape(name)}</title></polyline>"
        )
    return svg(body, f"{y_name} by step")


def forest(rows: Sequence[tuple[str, float, float, float, str]], unit: str, margin: float) -> str:
    """Name, mean, low, high and class of each; the band of the margin is shaded.

    The axis is asinh(value / margin), linear inside the margin and logarithmic far outside of it.
    """
    left, line = _room(name for name, *_ in rows), 24
    bottom = TOP + line * len(rows)

    def bent(value: float) -> float:
        return math.asinh(value / margin)

    reach = [bent(v) for _, mean, low, high, _ in rows for v in (mean, low, high)]
    scale = Scale([*reach, bent(-margin), bent(margin)], (left, WIDTH - RIGHT))
    ends = scale(bent(-margin)), scale(bent(margin))
    width = ends[1] - ends[0]
    body = f'<rect class="band" x="{ends[0]}" y="{TOP}" width="{width:g}" height="{bottom - TOP}"/>'
    body += f'<line class="axis" x1="{scale(0)}" x2="{scale(0)}" y1="{TOP}" y2="{bottom}"/>'
    for tick in _ticks(margin, scale.low, scale.high):
        body += _text(scale(bent(tick)), bottom + 16, f"{tick:+.3g}" if tick else "0", "middle")
    for index, (name, mean, low, high, kind) in enumerate(rows):
        at = TOP + line * (index + 0.5)
        body += _text(left - 8, at + 4, name, "end")
        body += (
            f'<line class="interval {kind}" x1="{scale(bent(low))}" x2="{scale(bent(high))}" '
            f'y1="{at}" y2="{at}"/>'
        )
        tip = f"{name}: {mean:+.4g} [{low:.4g}, {high:.4g}] {unit}"
        body += _dot(scale(bent(mean)), at, tip, kind, 4)
    note = f"{unit} lost without it, log far from 0; shaded: the margin, {margin:.3g}"
    body += _text(WIDTH - RIGHT, bottom + 34, note, "end")
    return svg(body, "ablation", bottom + 42)


def heat_map(names: Sequence[str], cells: dict[tuple[int, int], tuple[float, bool]]) -> str:
    """A square of interactions: (row, column) to value, and whether its interval excludes zero."""
    left, top, size = _room(f"{name}  10" for name in names), 14, 34
    top_of = {index: top + size * index for index in range(len(names))}
    most = max((abs(value) for value, _ in cells.values()), default=1.0) or 1.0
    body = ""
    for index, name in enumerate(names):
        body += _text(left - 6, top_of[index] + size / 2 + 4, f"{name}  {index + 1}", "end")
        body += _text(left + size * (index + 0.5), top - 3, str(index + 1), "middle")
    for (row, column), (value, clear) in cells.items():
        for a, b in ((row, column), (column, row)):
            strength = (abs(value) / most) ** 0.5
            sign = "more" if value > 0 else "less"
            body += (
                f'<rect class="{sign}{" clear" if clear else ""}" x="{left + size * b}" '
                f'y="{top_of[a]}" width="{size - 2}" height="{size - 2}" '
                f'fill-opacity="{strength:.2f}"><title>{escape(names[row])} and '
                f"{escape(names[column])}: {value:+.3g}</title></rect>"
            )
    side = size * len(names)
    return svg(body, "interactions of parts", top + side + 4, max(left + side + 4, 400))


def bars(rows: Sequence[tuple[str, float, str]], most: float | None = None) -> str:
    """Name, value and what is written behind the bar."""
    left, line = _room(name for name, *_ in rows), 24
    top = most or max((value for _, value, _ in rows), default=1.0) or 1.0
    body = ""
    for index, (name, value, text) in enumerate(rows):
        at = line * index
        length = max(1.0, (WIDTH - left - 110) * value / top)
        body += _text(left - 8, at + 16, name, "end")
        body += f'<rect class="bar" x="{left}" y="{at + 4}" width="{length:.1f}" height="16"/>'
        body += _text(left + length + 6, at + 16, text, "start")
    return svg(body, "bars", line * len(rows) + 4)


def _ticks(margin: float, low: float, high: float) -> Iterable[float]:
    """Zero, and powers of ten times 1 or 3 on both sides, in `bent` units as far apart as text."""
    yield 0.0
    for sign in (-1, 1):
        last = 0.0
        start = math.floor(math.log10(margin))
        for power in range(start, start + 12):
            for value in (sign * 10.0**power, sign * 3 * 10.0**power):
                at = math.asinh(value / margin)
                if low <= at <= high and abs(at - last) * TICK_WIDTH >= high - low:
                    last = at
                    yield value


def _room(names: Iterable[str]) -> float:
    """Width in pixels for the longest of some labels, also in the larger text of a phone."""
    return 14 + 7.2 * max(map(len, names), default=0)


def _dot(x: float, y: float, tip: str, kind: str = "", radius: float = 3) -> str:
    title = f"<title>{escape(tip)}</title>"
    return f'<circle class="dot {kind}" cx="{x}" cy="{y}" r="{radius}">{title}</circle>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(text)}</text>'
