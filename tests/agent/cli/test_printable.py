"""Text of others on the terminal: no escape and no markup in it acts, wherever it is shown."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from agent.cli import output
from agent.report.terminal import print_report
from agent.report.terminal_table import print_table
from agent.report.views import LiveView, PlainView
from helpers import Call
from tracks.printable import printable, printable_lines

EVIL = "\x1b]0;title\x07[red]red[/red]\x1b[2J\u202e\x9b31m"
SHOWN = printable(EVIL)
ACTING = ("\x1b", "\x07", "\u202e", "\x9b")


def harmless(text: str) -> bool:
    return not any(mark in text for mark in ACTING) and "[red]red[/red]" in text


def test_lines_stay_and_nothing_acts() -> None:
    assert printable_lines(f"a\n\tb{EVIL}\n") == f"a\n        b{SHOWN}\n"


def test_what_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    output.say(EVIL)
    output.say(EVIL, stderr=True)
    assert all(harmless(text) for text in capsys.readouterr())


@pytest.mark.parametrize("view", [PlainView, LiveView])
def test_views(view: Any) -> None:
    out = io.StringIO()
    with view(Console(file=out, width=400)) as shown:
        shown.phase(EVIL, 3)
        shown.advanced(EVIL, EVIL, 0.5)
        shown.finished("1", EVIL, failed=True)
        shown.best(EVIL)
        shown.note(EVIL)
        if view is LiveView:
            Console(file=out, width=400).print(shown)
    assert harmless(out.getvalue())


def test_tables() -> None:
    out = io.StringIO()
    print_table(Console(file=out, width=400), EVIL, [EVIL], [[EVIL]])
    assert harmless(out.getvalue())


def poisoned(record: Any) -> Any:
    """The record with every text of others in it replaced."""
    foreign = {"label", "reason", "hypothesis", "challenger", "incumbent", "study", "unit", "note"}
    if isinstance(record, dict):
        return {
            name: EVIL if name in foreign and isinstance(value, str) else poisoned(value)
            for name, value in record.items()
        }
    return [poisoned(each) for each in record] if isinstance(record, list | tuple) else record


def test_a_report(call: Call, study: str) -> None:
    data = json.loads(call("report", study, "--json")[1])
    out = io.StringIO()
    print_report(Console(file=out, width=400), poisoned(data))
    assert harmless(out.getvalue())


def test_names_of_files_and_what_they_hold(call: Call) -> None:
    folder = Path(EVIL.replace("/", "|"))
    (folder / "a").mkdir(parents=True)
    source = f"import os, sys\nclass Submission: pass\nx = getattr(os, {'sys' + EVIL!r})\n"
    (folder / "a" / "submission.py").write_text(source)
    (folder / "a" / "README.md").write_text(f"Muon and **{EVIL}**\n")
    for words in (
        ("check", str(folder / "a")),
        ("import", str(folder), "--track", "mqar", "--scale", "small"),
        ("survey", "--no-llm", str(folder)),
        ("leaderboard", "--track", EVIL),
        ("report", EVIL),
        ("context", "--study", EVIL),
        ("ideas", "--track", EVIL),
        ("eval", "--track", "mqar", "--submission", str(folder / "b.py")),
    ):
        _, out, error = call(*words)
        assert not any(mark in out + error for mark in ACTING), words
