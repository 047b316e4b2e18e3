"""Sections of a measurement: each a process with a deadline, its results kept as they come.

A section that hangs, fails or is killed costs only itself, and ends with everything it started.
However the whole ends, its last line, and its file, are one JSON object of all results so far.
"""

import argparse
import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO, Any, NoReturn

GRACE_S = 4.0
"""Between the request to end and the kill."""
LEAST_S = 10.0
"""A section that has less is not begun."""
TAIL = 1500
"""Characters of what a failed section said last."""
PR_SET_CHILD_SUBREAPER = 36
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Report:
    """In a section: passes its results on, one JSON line each, and knows the time that is left."""

    def __init__(self, deadline_s: float, lines: IO[str] | None = None) -> None:
        self._until, self._lines = time.monotonic() + deadline_s, lines or sys.stdout

    def __call__(self, what: str, value: Any) -> None:
        print(json.dumps({what: value}), file=self._lines, flush=True)

    def tried(self, what: str, measured: Callable[[], Any]) -> None:
        """Report what it gives, or how it failed: the rest of the section goes on."""
        try:
            value = measured()
        except Exception:
            value = {"failed": traceback.format_exc()[-TAIL:]}
        self(what, value)

    @property
    def left_s(self) -> float:
        return self._until - time.monotonic()


@dataclass(frozen=True)
class Section:
    """With `asked_for` it runs only where --only names it."""

    run: Callable[[Report], None]
    deadline_s: float
    asked_for: bool = False


class Results:
    """By section and name; printed, and written to a file, as soon as each is there."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self.found: dict[str, dict[str, Any]] = {}

    def add(self, section: str, what: str, value: Any) -> None:
        self.found.setdefault(section, {})[what] = value
        print(f"{section}: {what}: {json.dumps(value)}", flush=True)
        if self._file:
            whole = self._file.with_name(f"{self._file.name}.part")
            try:
                whole.write_text(json.dumps(self.found, indent=2) + "\n")
                whole.replace(self._file)
            except OSError as error:
                print(f"{self._file} cannot be written: {error}", file=sys.stderr, flush=True)
                self._file = None


def main(script: str, about: str, sections: Mapping[str, Section], whole_s: float) -> None:
    """The command line of `script`, which is started again for each of its sections.

    A section gets what is left of `whole_s` seconds, but no more than its deadline.
    """
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", choices=sections, help="repeatable")
    parser.add_argument("--out", type=Path, help="file that gets every result at once")
    parser.add_argument("--section", choices=sections, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.section:
        _inside(sections[asked.section], asked.seconds)
        return
    usual = [name for name, section in sections.items() if not section.asked_for]
    _adopt_orphans()
    results, until = Results(asked.out), time.monotonic() + whole_s
    for number in SIGNALS:
        signal.signal(number, _end)
    try:
        for name in asked.only or usual:
            left_s = until - time.monotonic()
            if left_s < LEAST_S:
                results.add(name, "failed", "not begun: no time was left")
                continue
            seconds = min(sections[name].deadline_s, left_s)
            _supervise([sys.executable, script], name, seconds, results)
    finally:
        print(json.dumps(results.found), flush=True)


def _end(number: int, _: FrameType | None) -> NoReturn:
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise SystemExit(128 + number)


def _inside(section: Section, deadline_s: float) -> None:
    """Run a section in this process; what else prints goes to standard error."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as lines:
        os.dup2(2, 1)
        section.run(Report(deadline_s, lines))


def _supervise(command: Sequence[str], name: str, deadline_s: float, results: Results) -> None:
    began, why = time.monotonic(), ""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
        child = subprocess.Popen(
            [*command, "--section", name, "--seconds", str(deadline_s)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True,
            encoding="utf-8", errors="replace", start_new_session=True,
        )  # fmt: skip
        reader = threading.Thread(target=_pass_on, args=(child.stdout, name, results), daemon=True)
        reader.start()
        try:
            if status := child.wait(deadline_s):
                why = f"exit status {status}"
        except subprocess.TimeoutExpired:
            why = "its time was up"
        finally:
            _end_group(child)
            reader.join(GRACE_S)
        if why:
            errors.seek(0)
            results.add(name, "failed", f"{why}: {errors.read()[-TAIL:]}")
    results.add(name, "section_s", round(time.monotonic() - began, 1))


def _pass_on(lines: IO[str], name: str, results: Results) -> None:
    for line in lines:
        with suppress(ValueError, AttributeError):  # a line that was cut off
            for what, value in json.loads(line).items():
                results.add(name, what, value)


def _end_group(child: "subprocess.Popen[str]") -> None:
    """End a section with all that it started and left in its process group."""
    with suppress(ProcessLookupError):
        for number in (signal.SIGTERM, signal.SIGKILL):
            os.killpg(child.pid, number)
            until = time.monotonic() + GRACE_S
            while time.monotonic() < until:
                _reap(child)
                os.killpg(child.pid, 0)
                time.sleep(0.05)


def _reap(child: "subprocess.Popen[str]") -> None:
    """Forget what has ended of its group, which would seem to be there."""
    if child.poll() is not None:
        with suppress(ChildProcessError):
            while os.waitpid(-child.pid, os.WNOHANG)[0]:
                pass


def _adopt_orphans() -> None:
    """Linux: what a section leaves behind becomes a child of this process."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
