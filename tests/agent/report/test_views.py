"""What a long job shows: progress with time left, the best so far, the last failures."""

import io

import pytest
from rich.console import Console

from agent.report.views import LiveView, PlainView, duration, open_view


def console(*, terminal: bool = False) -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return Console(file=stream, force_terminal=terminal, width=100), stream


def test_plain_lines_count_and_name_what_finished() -> None:
    where, stream = console()
    with PlainView(where) as view:
        view.phase("searching", 2)
        view.advanced("trial 0", "muon", 0.5)
        view.finished("trial 0", "target missed")
        view.finished("trial 1", "exception: boom", failed=True)
        view.best("trial 0 (muon)")
    lines = stream.getvalue().splitlines()
    assert lines[0] == "searching: 0 of 2 done"
    assert lines[1].startswith("[1/2, ")
    assert lines[1].endswith("left] trial 0 (muon): target missed")
    assert lines[2] == "[2/2] trial 1: FAILED exception: boom"
    assert lines[3] == "best so far: trial 0 (muon)"


def test_plain_lines_break_a_long_silence() -> None:
    where, stream = console()
    with PlainView(where, silence_s=0.0) as view:
        view.phase("searching", 2)
        view.advanced("trial 0", "muon", 0.25)
    assert stream.getvalue().splitlines()[1].endswith("running trial 0 (muon) 25%")


def test_the_live_view_shows_what_runs_the_best_and_the_last_failures() -> None:
    where, stream = console(terminal=True)
    with LiveView(where) as view:
        view.phase("searching", 9)
        for number in range(5):
            view.finished(f"trial {number}", f"exception: boom {number}", failed=True)
        view.advanced("trial 7", "lion", 0.5)
        view.best("trial 3 (muon)")
        where.print(view._render())
    text = stream.getvalue()
    assert "5/9" in text
    assert "running trial 7 (lion)  50%" in text
    assert "best so far: trial 3 (muon)" in text
    assert "boom 4" in text
    assert "boom 0" not in text


@pytest.mark.parametrize("terminal", [True, False])
def test_the_view_fits_where_it_is_shown(terminal: bool) -> None:
    view = open_view(console(terminal=terminal)[0])
    assert isinstance(view, LiveView if terminal else PlainView)


def test_colours_honour_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    where, stream = console(terminal=True)
    with LiveView(where) as view:
        view.phase("searching", 2)
        view.best("trial 3")
        where.print(view._render())
    assert "\x1b[32m" not in stream.getvalue()
    assert "\x1b[36m" not in stream.getvalue()


@pytest.mark.parametrize(
    ("seconds", "text"), [(4.4, "4 s"), (75, "1 min 15 s"), (3725, "1 h 02 min")]
)
def test_durations_read_well(seconds: float, text: str) -> None:
    assert duration(seconds) == text
