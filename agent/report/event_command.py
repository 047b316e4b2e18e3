"""A program of the user's that is run for each event, beside the study."""

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

from agent.report.event import Event
from agent.study.program import Program, ProgramError
from tracks.printable import plain

LONGEST_S = 60.0
"""Of one event, and of all that are left when the study has ended."""
MOST_BYTES = 2**20
WAITING = 100
"""Events that wait for the program, at most."""


class EventCommand:
    """Runs a program for each event, one at a time and in order, in a thread of its own.

    Sending never waits: where too many events wait, the oldest is dropped. Whatever goes wrong is
    said in a line and stops nothing.
    """

    def __init__(self, program: Program, say: Callable[[str], None], most: int = WAITING) -> None:
        """`say` shows a line, from any thread."""
        self._program, self._say, self._most = program, say, most
        self._folder = Path.cwd()
        self._waiting: deque[Event] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._failed = self._dropped = 0
        self._thread = threading.Thread(target=self._work, name="events", daemon=True)
        self._thread.start()

    def send(self, event: Event) -> None:
        """Hand over an event; returns at once."""
        with self._changed:
            dropped = len(self._waiting) >= self._most
            if dropped:
                self._waiting.popleft()
                self._dropped += 1
            self._waiting.append(event)
            self._changed.notify()
        if dropped and self._dropped == 1:
            self._say("warning: --on-event is slower than the study; the oldest events are dropped")

    def close(self, patience_s: float = LONGEST_S) -> None:
        """Let it finish what waits, for this long, and say what went wrong."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(patience_s)
        with self._changed:
            self._dropped += len(self._waiting)
            self._waiting.clear()
        if self._dropped:
            self._say(f"warning: {self._dropped} events were dropped, not given to --on-event")
        if self._failed > 1:
            self._say(f"warning: --on-event failed for {self._failed} events")

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                event = self._waiting.popleft()
            if why := self._failure(event):
                self._failed += 1
                if self._failed == 1:
                    self._say(f"warning: --on-event failed for {event.event}: {why}")

    def _failure(self, event: Event) -> str:
        """Run the program for one event; what went wrong, in a line."""
        try:
            ended = self._program.run(f"{event.to_json()}\n".encode(), self._folder)
        except (ProgramError, OSError) as error:
            return str(error)
        said = f": {plain(ended.last_line)}" if ended.last_line else ""
        return f"exit status {ended.status}{said}" if ended.status else ""
