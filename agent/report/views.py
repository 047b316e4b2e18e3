"""Progress on standard error: a live panel on a terminal, plain lines elsewhere."""

import threading
import time
from collections import deque

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from agent.report.details import duration
from agent.study.progress import View
from tracks.printable import printable

FAILURES_SHOWN = 3


class PhaseClock:
    """Where a phase stands, and how long it will yet take at the pace so far."""

    def __init__(self) -> None:
        self.title = ""
        self.total = 0
        self.done = 0
        self._done_before = 0
        self._started = time.monotonic()
        self.active: dict[str, tuple[str, float]] = {}

    def begin(self, title: str, total: int, done: int) -> None:
        self.title, self.total, self.done = title, total, done
        self._done_before = done
        self._started = time.monotonic()
        self.active.clear()

    @property
    def fraction(self) -> float:
        work = self.done + sum(fraction for _, fraction in self.active.values())
        return min(1.0, work / self.total) if self.total else 1.0

    def time_left(self) -> str:
        work = self.fraction * self.total - self._done_before
        if work <= 0 or not self.total:
            return "time left unknown"
        elapsed = time.monotonic() - self._started
        return f"{duration(elapsed * (self.total * (1 - self.fraction)) / work)} left"


class PlainView:
    """One line for each thing that happens, and one now and then while nothing does."""

    def __init__(self, console: Console, silence_s: float = 30.0) -> None:
        self._console = console
        self._clock = PhaseClock()
        self._lock = threading.Lock()
        self._silence_s = silence_s
        self._spoke = time.monotonic()

    def __enter__(self) -> "PlainView":
        return self

    def __exit__(self, *error: object) -> None:
        return

    def phase(self, title: str, total: int, done: int = 0) -> None:
        with self._lock:
            self._clock.begin(title, total, done)
        self._print(f"{title}: {done} of {total} done")

    def advanced(self, key: str, label: str, fraction: float) -> None:
        with self._lock:
            self._clock.active[key] = (label, fraction)
            if time.monotonic() - self._spoke < self._silence_s:
                return
            running = [f"{k} ({name}) {f:.0%}" for k, (name, f) in self._clock.active.items()]
            count = self._count()
        self._print(f"{count} running {', '.join(running)}")

    def finished(self, key: str, line: str, *, failed: bool = False) -> None:
        with self._lock:
            label, _ = self._clock.active.pop(key, ("", 0.0))
            self._clock.done += 1
            count = self._count()
        named = f"{key} ({label})" if label and label not in line else key
        self._print(f"{count} {named}: {'FAILED ' if failed else ''}{line}")

    def best(self, line: str) -> None:
        self._print(f"best so far: {line}")

    def note(self, line: str) -> None:
        self._print(line)

    def _count(self) -> str:
        clock = self._clock
        left = f", {clock.time_left()}" if clock.done < clock.total else ""
        return f"[{clock.done}/{clock.total}{left}]"

    def _print(self, line: str) -> None:
        self._spoke = time.monotonic()
        self._console.print(printable(line), markup=False, highlight=False, soft_wrap=True)


class LiveView:
    """A panel that redraws itself: progress, what runs now, the best so far, the last failures."""

    def __init__(self, console: Console) -> None:
        self._clock = PhaseClock()
        self._best = ""
        self._failures: deque[str] = deque(maxlen=FAILURES_SHOWN)
        self._lock = threading.Lock()
        self._live = Live(
            console=console, get_renderable=self._render, refresh_per_second=4, transient=True
        )

    def __enter__(self) -> "LiveView":
        self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def phase(self, title: str, total: int, done: int = 0) -> None:
        with self._lock:
            self._clock.begin(title, total, done)

    def advanced(self, key: str, label: str, fraction: float) -> None:
        with self._lock:
            self._clock.active[key] = (label, fraction)

    def finished(self, key: str, line: str, *, failed: bool = False) -> None:
        with self._lock:
            label, _ = self._clock.active.pop(key, ("", 0.0))
            self._clock.done += 1
            if failed:
                self._failures.append(f"{key} ({label}): {line}")

    def best(self, line: str) -> None:
        with self._lock:
            self._best = line

    def note(self, line: str) -> None:
        self._live.console.print(printable(line), markup=False, highlight=False)

    def _render(self) -> RenderableType:
        with self._lock:
            clock = self._clock
            head = Table.grid(padding=(0, 1))
            head.add_row(
                Text(printable(clock.title), style="bold"),
                ProgressBar(total=1.0, completed=clock.fraction, width=30),
                Text(f"{clock.done}/{clock.total}"),
                Text(clock.time_left(), style="cyan"),
            )
            rows: list[RenderableType] = [head]
            for key, (label, fraction) in clock.active.items():
                rows.append(
                    Text(printable(f"  running {key} ({label}) {fraction:4.0%}"), style="dim")
                )
            if self._best:
                rows.append(Text(printable(f"best so far: {self._best}"), style="green"))
            rows += [Text(printable(f"failed: {line}"), style="red") for line in self._failures]
            return Group(*rows)


def open_view(console: Console) -> "PlainView | LiveView":
    """The view that fits where standard error goes."""
    return LiveView(console) if console.is_terminal else PlainView(console)


_: tuple[type[View], ...] = (PlainView, LiveView)
