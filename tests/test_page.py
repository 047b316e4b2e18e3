"""The page of a report, in a real browser: it renders, sorts, folds, and asks for nothing."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from test_run import run
from test_study import SETTINGS

from agent.ledger import Ledger
from agent.report import charts
from agent.report.data import report_data
from agent.report.details import duration
from agent.report.html import study_page
from agent.report.markdown import study_report
from agent.run import Options
from agent.workspace import Workspace
from tracks.isolation.launcher import Launcher

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_browser = pytest.mark.skipif(
    not CHROMIUM, reason="no chromium here: `apt-get install chromium` lets these tests run"
)
SECTIONS = ["progress", "verdict", "ablation", "curves", "lineage", "trials", "times", "reproduce"]


@pytest.fixture(scope="module")
def data(launcher: Launcher, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("page")
    (folder / "submissions").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run(launcher, SETTINGS, "page", Options(name="<b>bold</b>", commit=False))
        return report_data(Ledger(Workspace(folder)).open("page"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page_file(data: dict[str, Any], tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    path.write_text(study_page(data))
    return path


def opened(browser: Browser, path: Path, width: int, scheme: Any) -> tuple[Page, list[str]]:
    """The page, and everything that it complains of or asks for."""
    page = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme
    ).new_page()
    seen: list[str] = []
    page.on("console", lambda message: seen.append(message.text))
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on("request", lambda request: seen.append(request.url))
    page.goto(path.as_uri())
    return page, [line for line in seen if line != path.as_uri() and not line.startswith("data:")]


@needs_browser
@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (390, "dark")])
def test_it_renders_by_itself_and_fits(
    browser: Browser, page_file: Path, width: int, scheme: str
) -> None:
    page, complaints = opened(browser, page_file, width, scheme)
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for name in SECTIONS:
        assert page.locator(f"#{name}").count() == 1, name
    assert page.locator(".badge").inner_text() == "accepted"
    assert page.locator("#progress svg .dot").count() >= 2
    assert page.locator("#curves polyline.old").count() == 1, "the incumbent's"
    assert page.locator("#trials").evaluate("node => node.open") == (width > 600)
    assert page.locator("b:text-is('bold')").count() == 0, "names are text, not markup"
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != ground


@needs_browser
def test_tables_sort_by_number_and_by_text(browser: Browser, page_file: Path) -> None:
    page, _ = opened(browser, page_file, 1200, "light")

    def column(index: int) -> list[str]:
        return page.locator(f"#trials tbody td:nth-child({index})").all_inner_texts()

    page.click("#trials th:nth-child(7) button")
    seconds = [float(text) for text in column(7)]
    assert seconds == sorted(seconds)
    page.click("#trials th:nth-child(7) button")
    assert [float(text) for text in column(7)] == sorted(seconds, reverse=True)
    page.click("#trials th:nth-child(2) button")
    assert column(2) == sorted(column(2))
    assert page.locator("#trials th[aria-sort]").count() == 1


def test_the_page_has_what_markdown_and_json_have(data: dict[str, Any]) -> None:
    page = study_page(data)
    verdict, ablation = data["verdict"], data["ablation"]
    for text in (page, study_report(data)):
        for row in data["trials"]:
            assert row["label"] in text
        for pair in verdict["pairs"]:
            assert pair["drawn_from"] in text
        for row in ablation["rows"]:
            assert row["part"] in text
        for title in ("Where the time went", "Where the result came from", "Leaderboard"):
            assert title in text
        assert data["commands"][0] in text
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert set(data["stages_s"]) == {"search", "confirm", "ablate", "compare", "publish"}


def test_an_unfinished_study_has_a_page_too(workspace_folder: Path) -> None:
    study = Ledger(Workspace(workspace_folder)).create("empty", SETTINGS)
    page = study_page(report_data(study))
    assert "Not finished (search): 0 of 6 trials finished" in page
    assert 'class="badge open"' in page


def test_ticks_are_round_and_inside() -> None:
    for low, high in ((0.0, 49.0), (0.0, 1.0), (-3.2, 400.0), (12.0, 13.0), (5.0, 5.0)):
        scale = charts.Scale([low, high], (0, 100))
        ticks = scale.ticks()
        assert 2 <= len(ticks) <= 8
        assert all(scale.low <= tick <= scale.high + 1e-9 for tick in ticks)
        assert all(-0.1 <= scale(tick) <= 100.1 for tick in ticks)
    logarithmic = charts.Scale([3e-8, 400.0], (100, 0), log=True)
    assert logarithmic.ticks()[0] == pytest.approx(1e-8)
    assert logarithmic(1e-8) == 100
    assert logarithmic(1000.0) == 0


def test_durations_read_as_people_say_them() -> None:
    assert [duration(s) for s in (0.25, 8.4, 59.7, 61, 245, 7800)] == [
        "0 s", "8 s", "1 min 00 s", "1 min 01 s", "4 min 05 s", "2 h 10 min"
    ]  # fmt: skip
