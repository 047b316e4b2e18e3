"""Text of others on the terminal: no escape and no markup in it acts, wherever it is shown."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from agent.cli import output
from agent.report.sections.study import study_document
from agent.report.terminal import print_document
from agent.report.terminal_table import print_table
from agent.report.views import LiveView, PlainView
from helpers import Call
from helpers.documents import filled_with
from helpers.studies import report_of
from tracks.printable import fenced, plain, printable, printable_lines

EVIL = "\x1b]0;title\x07[red]red[/red]\x1b[2J\u202e\x9b31m"
SHOWN = printable(EVIL)
ACTING = ("\x1b", "\x07", "\u202e", "\x9b")


def harmless(text: str) -> bool:
    return not any(mark in text for mark in ACTING) and "[red]red[/red]" in text


def test_lines_stay_and_nothing_acts() -> None:
    assert printable_lines(f"a\n\tb{EVIL}\n") == f"a\n        b{SHOWN}\n"


@pytest.mark.parametrize("unseen", ["\ufe01", "\U000e0150", "\u3164", "\u034f", "\U000e0041"])
def test_what_nobody_sees_goes(unseen: str) -> None:
    assert printable(f"a{unseen}b") == "a\ufffdb"
    assert plain(f"a{unseen}b") == "ab"
    assert unseen not in fenced(f"a{unseen}b")


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


def test_a_report(study: str) -> None:
    document = study_document(report_of(study))
    out = io.StringIO()
    print_document(Console(file=out, width=400), filled_with(EVIL, document))
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
