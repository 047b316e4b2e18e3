"""Progress on standard error: a live panel on a terminal, plain lines elsewhere."""

import os
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from typing import Literal

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Column, Table
from rich.text import Text

from agent.report.phase import Phase
from agent.report.tables import duration
from agent.study.progress import View
from agent.study.settings import Stage
from tracks.printable import printable

FAILURES_SHOWN = 3
PANEL_LINES = 9
"""Of the live panel, besides those of the running tasks."""
BAR_WIDTH = 24
Ending = Literal["ended", "breaks", "failed"]
"""Of a task; in an ablation a run without a needed part breaks, which is no cause for alarm."""


class _Tracker(ABC):
    """What both views know: the stage, its phase, the best result. Safe to call from any thread."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.RLock()
        self._stage: Stage | None = None
        self._stage_s: float | None = None
        self._later_s: float | None = None
        self._phase = Phase()
        self._search: Phase | None = None
        self._best = self._choosing = ""

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            self._print(self._closing_line())

    def stage(
        self, stage: Stage, stage_s: float | None = None, later_s: float | None = None
    ) -> None:
        with self._lock:
            self._stage, self._stage_s, self._later_s = stage, stage_s, later_s
            self._phase = Phase()
        self._event(self._stage_line())

    def phase(self, title: str, total: int, done: int = 0) -> None:
        with self._lock:
            self._phase = Phase(title, total, done, done, self._stage_s)
            if self._stage is Stage.SEARCH:
                self._search = self._phase
        self._event(f"{title}: {done} of {total} done")

    def advanced(self, key: str, label: str, fraction: float) -> None:
        with self._lock:
            self._phase.running[key] = (label, fraction)

    def choosing(self, line: str) -> None:
        with self._lock:
            self._choosing = line

    def finished(self, key: str, line: str, *, failed: bool = False) -> None:
        with self._lock:
            self._phase.done += 1
            label, _ = self._phase.running.pop(key, ("", 0.0))
        name = f"{key} ({label})" if label and label not in line else key
        calm: Ending = "breaks" if self._stage is Stage.ABLATE else "failed"
        self._ended(f"{name}: {line}", calm if failed else "ended")

    def best(self, line: str) -> None:
        with self._lock:
            self._best = line
        self._event(f"best so far: {line}")

    def note(self, line: str) -> None:
        self._print(line)

    @abstractmethod
    def _event(self, line: str) -> None:
        """A stage or a phase has begun, or the best has changed."""

    @abstractmethod
    def _ended(self, line: str, ending: Ending) -> None:
        """Show how a task ended."""

    def _stage_line(self) -> str:
        stages = list(Stage)
        if self._stage is None:
            return self._phase.title or "starting"
        name = "report" if self._stage is Stage.DONE else str(self._stage)
        return f"stage {stages.index(self._stage) + 1} of {len(stages)}: {name}"

    def _time_left(self) -> str:
        """Of the whole study where later stages have an estimate, else of the phase."""
        with self._lock:
            seconds = self._phase.seconds_left()
        if seconds is None:
            return "time left unknown" if self._phase.total else ""
        if self._later_s is None:
            return f"{duration(seconds)} left"
        return f"about {duration(seconds + self._later_s)} left in all"

    def _closing_line(self) -> str:
        at = f" in {self._stage_line()}" if self._stage else ""
        counted, what = (self._search, "trials") if self._search else (self._phase, "runs")
        done = f"; {counted.done} of {counted.total} {what} done" if counted.total else ""
        best = f"; best so far: {self._best}" if self._best else ""
        return f"stopped{at}{done}{best}"

    def _print(self, line: str) -> None:
        self._console.print(printable(line), markup=False, highlight=False, soft_wrap=True)


class PlainView(_Tracker):
    """One line for each event, and a sign of life in a long silence."""

    def __init__(self, console: Console, silence_s: float = 30.0) -> None:
        super().__init__(console)
        self._silence_s = silence_s
        self._spoke = time.monotonic()

    def __enter__(self) -> "PlainView":
        return self

    def advanced(self, key: str, label: str, fraction: float) -> None:
        super().advanced(key, label, fraction)
        self._sign_of_life()

    def choosing(self, line: str) -> None:
        super().choosing(line)
        if line:
            self._sign_of_life()

    def _sign_of_life(self) -> None:
        if time.monotonic() - self._spoke < self._silence_s:
            return
        with self._lock:
            running = [f"{k} ({name}) {f:.0%}" for k, (name, f) in self._phase.running.items()]
            doing = [f"running {', '.join(running)}" if running else "", self._choosing]
        self._print(f"{self._count()} {'; '.join(filter(None, doing))}")

    def _event(self, line: str) -> None:
        self._print(line)

    def _ended(self, line: str, ending: Ending) -> None:
        word = {"ended": "", "breaks": "breaks: ", "failed": "FAILED: "}[ending]
        self._print(f"{self._count()} {word}{line}")

    def _count(self) -> str:
        phase = self._phase
        left = f", {self._time_left()}" if phase.done < phase.total else ""
        return f"[{phase.done}/{phase.total}{left}]"

    def _print(self, line: str) -> None:
        self._spoke = time.monotonic()
        super()._print(line)


class LiveView(_Tracker):
    """A panel that redraws itself: stage, time left, running tasks, best result, last failures.

    Rich's refresh takes the tracker's lock to render, so nothing here calls rich while it holds
    that one.
    """

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._troubles: deque[Text] = deque(maxlen=FAILURES_SHOWN)
        self._live = Live(
            console=console, get_renderable=lambda: self, refresh_per_second=4, transient=True
        )

    def __enter__(self) -> "LiveView":
        self._live.start(refresh=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        self._live.stop()
        super().__exit__(kind, *error)

    def _event(self, line: str) -> None:
        """The panel shows it until the next one."""

    def _ended(self, line: str, ending: Ending) -> None:
        if ending != "ended":
            style = "red" if ending == "failed" else "dim"
            with self._lock:
                self._troubles.append(_one_line(f"{ending}: {line}", style))

    def __rich__(self) -> RenderableType:
        with self._lock:
            phase, running = self._phase, list(self._phase.running.items())
            best = f"best so far: {self._best}" if self._best else ""
            lines = [(self._choosing, "dim"), (best, "green")]
            below = [*(_one_line(line, style) for line, style in lines if line), *self._troubles]
            head = Table.grid(Column(), Column(justify="right"), expand=True)
            left = Text(self._time_left(), "cyan")
            head.add_row(Text(printable(self._stage_line()), "bold"), left)
            bars = Table.grid(Column(ratio=1), expand=True, padding=(0, 1))
            bars.add_row(*_bar(phase.title, phase.fraction, f"{phase.done}/{phase.total}"))
        room = max(1, self._console.height - PANEL_LINES)
        for key, (label, fraction) in running[:room]:
            bars.add_row(*_bar(f"  {key} {label}", fraction, f"{fraction:.0%}"))
        if len(running) > room:
            below.insert(0, Text(f"  and {len(running) - room} more", style="dim"))
        return Group(head, bars, *below)


def _bar(name: str, fraction: float, count: str) -> tuple[RenderableType, ...]:
    bar = ProgressBar(total=1.0, completed=fraction, width=BAR_WIDTH)
    return _one_line(name), bar, Text(count, justify="right")


def _one_line(text: str, style: str = "") -> Text:
    return Text(printable(text), style, no_wrap=True, overflow="ellipsis")


def open_view(console: Console) -> PlainView | LiveView:
    """The panel on a terminal that can redraw lines; plain lines in logs, pipes and CI."""
    live = console.is_terminal and not console.is_dumb_terminal and not os.environ.get("CI")
    return LiveView(console) if live else PlainView(console)


_: tuple[type[View], ...] = (PlainView, LiveView)
