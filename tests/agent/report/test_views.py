"""The view of a long job: stage, time left, best result, failures; plain lines elsewhere."""

import io
import threading
from collections.abc import Iterator

import pytest
from rich.console import Console

from agent.report.views import LiveView, PlainView, open_view
from agent.study.settings import Stage


@pytest.fixture(autouse=True)
def on_a_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def console(
    *, terminal: bool = False, width: int = 100, height: int = 24
) -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return Console(file=stream, force_terminal=terminal, width=width, height=height), stream


@pytest.fixture
def plain() -> tuple[PlainView, io.StringIO]:
    where, stream = console()
    return PlainView(where), stream


def test_plain_lines_count_and_name_what_finished(plain: tuple[PlainView, io.StringIO]) -> None:
    view, stream = plain
    view.stage(Stage.SEARCH)
    view.phase("searching", 2)
    view.advanced("trial 0", "muon", 0.5)
    view.finished("trial 0", "target missed")
    view.finished("trial 1", "exception: boom", failed=True)
    view.best("trial 0 (muon)")
    lines = stream.getvalue().splitlines()
    assert lines[:2] == ["stage 1 of 7: search", "searching: 0 of 2 done"]
    assert lines[2].startswith("[1/2, ")
    assert lines[2].endswith("left] trial 0 (muon): target missed")
    assert lines[3] == "[2/2] FAILED: trial 1: exception: boom"
    assert lines[4] == "best so far: trial 0 (muon)"


def test_plain_lines_break_a_long_silence() -> None:
    where, stream = console()
    with PlainView(where, silence_s=0.0) as view:
        view.phase("searching", 2)
        view.advanced("trial 0", "muon", 0.25)
    assert stream.getvalue().splitlines()[1].endswith("running trial 0 (muon) 25%")


def test_a_long_choice_of_the_next_task_is_no_silence() -> None:
    where, stream = console()
    line = "choosing the next trial: 5 of 8 candidates measured"
    with PlainView(where, silence_s=0.0) as view:
        view.phase("searching", 2)
        view.choosing(line)
        view.choosing("")
        view.advanced("trial 0", "muon", 0.25)
        view.choosing(line)
    _, first, second, third = stream.getvalue().splitlines()
    assert first.endswith(f"] {line}")
    assert second.endswith("] running trial 0 (muon) 25%")
    assert third.endswith(f"] running trial 0 (muon) 25%; {line}")
    where, stream = console(terminal=True)
    live = LiveView(where)
    for shown in (line, ""):
        live.choosing(shown)
        where.print(live)
    assert stream.getvalue().count(line) == 1, "not after it was chosen"


def test_a_break_in_an_ablation_is_no_failure(plain: tuple[PlainView, io.StringIO]) -> None:
    view, stream = plain
    view.stage(Stage.ABLATE)
    view.phase("single parts", 2)
    view.finished("run 1", "without adam: diverged", failed=True)
    assert "breaks: run 1: without adam: diverged" in stream.getvalue()
    assert "FAILED" not in stream.getvalue()
    where, live_stream = console(terminal=True)
    live = LiveView(where)
    live.stage(Stage.ABLATE)
    live.phase("single parts", 2)
    live.finished("run 1", "without adam: diverged", failed=True)
    where.print(live)
    assert "breaks: run 1" in live_stream.getvalue()
    assert "\x1b[31m" not in live_stream.getvalue(), "nothing is red"


def test_time_left_covers_the_later_stages(plain: tuple[PlainView, io.StringIO]) -> None:
    view, stream = plain
    view.stage(Stage.CONFIRM, later_s=7200)
    view.phase("confirming", 2)
    view.finished("run 1", "final 0.1")
    assert "[1/2, about 2 h 00 min left in all] run 1: final 0.1" in stream.getvalue()


def busy(view: PlainView | LiveView, jobs: int = 3) -> None:
    view.stage(Stage.SEARCH)
    view.phase("searching", 9)
    for number in range(5):
        view.finished(f"trial {number}", f"exception: boom {number}", failed=True)
    for number in range(jobs):
        view.advanced(f"trial {number + 5}", f"lion{number} " + "long-name " * 9, 0.5)
    view.best("trial 3 (muon)")


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40)])
@pytest.mark.parametrize("jobs", [2, 64])
def test_the_panel_fits_the_terminal(width: int, height: int, jobs: int) -> None:
    where, stream = console(terminal=True, width=width, height=height)
    view = LiveView(where)
    busy(view, jobs)
    where.print(view)
    text = stream.getvalue()
    assert len(text.splitlines()) < height
    assert "stage 1 of 7: search" in text
    assert "5/9" in text
    assert "50%" in text
    assert "best so far: trial 3 (muon)" in text
    assert "boom 4" in text
    assert "boom 0" not in text
    assert ("more" in text) == (jobs == 64)


def interrupted(opened: PlainView | LiveView) -> None:
    with opened as view:
        busy(view)
        view.stage(Stage.CONFIRM)
        raise KeyboardInterrupt


def test_an_interrupt_ends_with_what_is_done_and_the_best() -> None:
    for kind in (PlainView, LiveView):
        where, stream = console()
        with pytest.raises(KeyboardInterrupt):
            interrupted(kind(where))
        last = "stopped in stage 2 of 7: confirm; 5 of 9 trials done; best so far: trial 3 (muon)"
        assert stream.getvalue().splitlines()[-1] == last


def environments() -> Iterator[tuple[dict[str, str], bool, type]]:
    yield {}, True, LiveView
    yield {}, False, PlainView
    yield {"TERM": "dumb"}, True, PlainView
    yield {"CI": "true"}, True, PlainView


@pytest.mark.parametrize(("variables", "terminal", "kind"), list(environments()))
def test_the_view_fits_where_it_is_shown(
    variables: dict[str, str], terminal: bool, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert isinstance(open_view(console(terminal=terminal)[0]), kind)


def test_colours_honour_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    where, stream = console(terminal=True)
    view = LiveView(where)
    busy(view)
    where.print(view)
    assert "\x1b[3" not in stream.getvalue()


def test_phases_may_change_while_tasks_report() -> None:
    where, _ = console(terminal=True)
    errors: list[BaseException] = []

    def report(number: int) -> None:
        try:
            for step in range(200):
                view.advanced(f"run {number}", "muon", step / 200)
                if step % 20 == 19:
                    view.finished(f"run {number}", "final 0.1")
        except BaseException as error:
            errors.append(error)

    with LiveView(where) as view:
        threads = [threading.Thread(target=report, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for number in range(100):
            view.phase(f"phase {number}", 9)
        for thread in threads:
            thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "deadlock"
    assert errors == []
