"""Progress on standard error: a live panel on a terminal, plain lines elsewhere."""

import os
import threading
import time
from collections import deque
from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Column, Table
from rich.text import Text

from agent.report.tracker import Ending, Tracker
from agent.study.progress import View
from agent.study.settings import Stage
from tracks.printable import printable

FAILURES_SHOWN = 3
PANEL_LINES = 8
"""Of the live panel, besides those of the running tasks."""
BAR_WIDTH = 24


class PlainView(Tracker):
    """One line for each event, and a sign of life in a long silence."""

    def __init__(self, console: Console, silence_s: float = 30.0) -> None:
        super().__init__(console)
        self._silence_s = silence_s
        self._spoke = time.monotonic()

    def __enter__(self) -> "PlainView":
        return self

    def stage(self, stage: Stage, later_s: float | None = None) -> None:
        super().stage(stage, later_s)
        self._print(self._stage_line())

    def phase(self, title: str, total: int, done: int = 0) -> None:
        super().phase(title, total, done)
        self._print(f"{title}: {done} of {total} done")

    def advanced(self, key: str, label: str, fraction: float) -> None:
        super().advanced(key, label, fraction)
        if time.monotonic() - self._spoke >= self._silence_s:
            with self._lock:
                running = [f"{k} ({name}) {f:.0%}" for k, (name, f) in self._phase.running.items()]
            self._print(f"{self._count()} running {', '.join(running)}")

    def best(self, line: str) -> None:
        super().best(line)
        self._print(f"best so far: {line}")

    def _ended(self, key: str, line: str, ending: Ending) -> None:
        word = {"ended": "", "breaks": "breaks: ", "failed": "FAILED: "}[ending]
        self._print(f"{self._count()} {word}{line}")

    def _count(self) -> str:
        phase = self._phase
        left = f", {self._time_left()}" if phase.done < phase.total else ""
        return f"[{phase.done}/{phase.total}{left}]"

    def _print(self, line: str) -> None:
        self._spoke = time.monotonic()
        super()._print(line)


class LiveView(Tracker):
    """A panel that redraws itself: stage, time left, running tasks, best result, last failures.

    Rich's refresh takes the tracker's lock to render, so nothing here calls rich while it holds
    that one; bars are added and removed under a lock of their own.
    """

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._troubles: deque[Text] = deque(maxlen=FAILURES_SHOWN)
        self._panel = _Panel(self, console)
        self._bars: dict[str, TaskID] = {}
        self._drawing = threading.RLock()

    def __enter__(self) -> "LiveView":
        self._panel.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        self._panel.stop()
        super().__exit__(kind, *error)

    def __rich__(self) -> RenderableType:
        return Group(*self._panel.get_renderables())

    def phase(self, title: str, total: int, done: int = 0) -> None:
        super().phase(title, total, done)
        with self._drawing:
            while self._bars:
                self._panel.remove_task(self._bars.popitem()[1])
        self._draw_phase()

    def advanced(self, key: str, label: str, fraction: float) -> None:
        super().advanced(key, label, fraction)
        self._draw(key, f"  {key} {label}", fraction, f"{fraction:.0%}")
        self._draw_phase()

    def _ended(self, key: str, line: str, ending: Ending) -> None:
        with self._drawing:
            if key in self._bars:
                self._panel.remove_task(self._bars.pop(key))
        if ending != "ended":
            style = "red" if ending == "failed" else "dim"
            self._troubles.append(_one_line(f"{ending}: {line}", style))
        self._draw_phase()

    def _draw_phase(self) -> None:
        with self._lock:
            phase, fraction = self._phase, self._phase.fraction
        self._draw("", phase.title, fraction, f"{phase.done}/{phase.total}")

    def _draw(self, key: str, description: str, fraction: float, count: str) -> None:
        text = printable(description)
        with self._drawing:
            if key not in self._bars:
                self._bars[key] = self._panel.add_task(text, total=1.0, count=count)
            self._panel.update(self._bars[key], description=text, completed=fraction, count=count)

    def above(self) -> RenderableType:
        head = Table.grid(expand=True)
        head.add_column()
        head.add_column(justify="right")
        head.add_row(Text(printable(self._stage_line()), "bold"), Text(self._time_left(), "cyan"))
        return head

    def below(self) -> Iterable[RenderableType]:
        best = [_one_line(f"best so far: {self._best}", "green")] if self._best else []
        return [*best, *self._troubles]


class _Panel(Progress):
    """Rich's progress bars, the first for the phase, between the lines of the view."""

    def __init__(self, view: LiveView, console: Console) -> None:
        self._view, self._where = view, console
        wide = Column(ratio=1, no_wrap=True, overflow="ellipsis")
        super().__init__(
            TextColumn("{task.description}", markup=False, table_column=wide),
            BarColumn(bar_width=BAR_WIDTH),
            TextColumn("{task.fields[count]}", justify="right"),
            console=console,
            refresh_per_second=4,
            transient=True,
            expand=True,
        )

    def get_renderables(self) -> Iterable[RenderableType]:
        tasks, room = self.tasks, max(2, self._where.height - PANEL_LINES)
        yield self._view.above()
        yield self.make_tasks_table(tasks[:room])
        if len(tasks) > room:
            yield Text(f"  and {len(tasks) - room} more", style="dim")
        yield from self._view.below()


def _one_line(text: str, style: str) -> Text:
    return Text(printable(text), style, no_wrap=True, overflow="ellipsis")


def open_view(console: Console) -> PlainView | LiveView:
    """The panel on a terminal that can redraw lines; plain lines in logs, pipes and CI."""
    live = console.is_terminal and not console.is_dumb_terminal and not os.environ.get("CI")
    return LiveView(console) if live else PlainView(console)


_: tuple[type[View], ...] = (PlainView, LiveView)
