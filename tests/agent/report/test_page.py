"""The page of a report, in a real browser: it renders, sorts, folds, and asks for nothing."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from agent.judge import Options
from agent.report.data import Report
from agent.report.html import page as page_of
from agent.report.html import study_page
from agent.report.live import LivePage
from agent.report.markdown import study_report
from agent.report.scale import Scale
from agent.report.sections.study import study_document
from agent.report.server import PageServer
from agent.report.tables import duration
from agent.study.ledger import Ledger
from agent.study.records import Origin, Outcome, ProposalRecord
from agent.study.study import Study
from agent.study.workspace import Workspace
from agent.verdict.comparison_keys import SeededKeys
from helpers import ROOT
from helpers.documents import filled_with
from helpers.studies import SETTINGS, run
from helpers.workspaces import shared_workspace
from tracks.evaluation import State
from tracks.isolation.launcher import Launcher

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(os.environ.get("AXE_CORE", ROOT / ".axe" / "package" / "axe.min.js"))
needs_browser = pytest.mark.skipif(
    not CHROMIUM, reason="no chromium here: `apt-get install chromium` lets these tests run"
)
SECTIONS = ["progress", "verdict", "ablation", "curves", "lineage", "trials", "times", "reproduce"]

TEXT_SIZES = """[...document.querySelectorAll("figure svg text")].map(text =>
    parseFloat(getComputedStyle(text).fontSize) * text.ownerSVGElement.getScreenCTM().a)"""

HOSTILE = (
    "\"'></title></svg></pre><script>window.ran = 1</script><style>body { background: rgb(1, 2, 3)"
    " !important }</style><img src='http://192.0.2.1/x.png' onerror='window.ran = 2'>"
    "<iframe src='http://192.0.2.1/'></iframe><link rel=stylesheet href='http://192.0.2.1/x.css'>"
    "<a href='javascript:window.ran = 3'>x</a><p style='color: red' onload='window.ran = 4'>"
)


@pytest.fixture(scope="module")
def report(launcher: Launcher, tmp_path_factory: pytest.TempPathFactory) -> Report:
    with shared_workspace(tmp_path_factory) as folder:
        keys = SeededKeys("page")
        run(launcher, SETTINGS, "page", Options(name="<b>bold</b>", commit=False, keys=keys))
        report = Report(Ledger(Workspace(folder)).open("page"))
        assert report.verdict
        assert report.verdict.accepted, report.verdict.reason
        return report


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page_file(report: Report, tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    path.write_text(study_page(report))
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
    page.locator("#trials summary").press("Enter")
    assert page.locator("#trials").evaluate("node => node.open"), "opened by keyboard"
    sizes = page.evaluate(TEXT_SIZES)
    assert min(sizes) >= 11, "charts are readable on a phone"
    assert page.locator("b:text-is('bold')").count() == 0, "names are text, not markup"
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != ground


@needs_browser
def test_tables_sort_by_number_and_by_text(browser: Browser, page_file: Path) -> None:
    page, _ = opened(browser, page_file, 1200, "light")

    page.click("#trials summary")

    def column(index: int) -> list[str]:
        return page.locator(f"#trials tbody tr > :nth-child({index})").all_inner_texts()

    page.click("#trials th:nth-child(7) button")
    seconds = [float(text) for text in column(7)]
    assert seconds == sorted(seconds)
    page.click("#trials th:nth-child(7) button")
    assert [float(text) for text in column(7)] == sorted(seconds, reverse=True)
    page.click("#trials th:nth-child(2) button")
    assert column(2) == sorted(column(2))
    assert page.locator("#trials th[aria-sort]").count() == 1


@needs_browser
@pytest.mark.skipif(
    not AXE.is_file(), reason=f"no {AXE.name}: `make axe` fetches axe-core, which checks the page"
)
@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (390, "dark")])
def test_the_page_is_accessible(browser: Browser, page_file: Path, width: int, scheme: str) -> None:
    page, _ = opened(browser, page_file, width, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(node => { node.open = true })")
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run()")
    assert len(found["passes"]) > 20
    grave = [it for it in found["violations"] if it["impact"] in ("serious", "critical")]
    assert grave == []


@needs_browser
def test_foreign_text_neither_runs_nor_loads(
    browser: Browser, report: Report, tmp_path: Path
) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(page_of(filled_with(HOSTILE, study_document(report))))
    page, complaints = opened(browser, path, 1200, "light")
    assert complaints == []
    assert page.evaluate("window.ran") is None
    assert page.locator("img, iframe, a, main script, main style, [onload], [style]").count() == 0
    assert "<img src=" in page.locator("#trials").text_content()  # type: ignore[operator]


@needs_browser
def test_the_policy_stops_what_escaping_would_miss(
    browser: Browser, report: Report, tmp_path: Path
) -> None:
    path = tmp_path / "injected.html"
    path.write_text(study_page(report).replace("</main>", f"{HOSTILE}</main>"))
    page = browser.new_context().new_page()
    asked, refused, said = [], [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: refused.append((request.url, request.failure)))
    page.on("console", lambda message: said.append(message.text))
    page.goto(path.as_uri())
    assert page.locator("main script").count() == 1, "the page was broken into"
    assert page.evaluate("window.ran") is None
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) != "rgb(1, 2, 3)"
    abroad = {url for url in asked if url.startswith("http")}
    assert abroad == {url for url, failure in refused if failure == "csp"}, "nothing left"
    assert any("Content Security Policy" in line for line in said)


@needs_browser
def test_a_live_page_renews_and_keeps_the_readers_place(
    browser: Browser, report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.report.live.SHARE", 1e9)
    shutil.copytree(report.study.folder.parents[1] / "runs", tmp_path / "runs")
    live = LivePage(Workspace(tmp_path), "page", 3600)
    with PageServer(live.text, live.policy) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        page = browser.new_context(viewport={"width": 390, "height": 700}).new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(server.address)
        page.locator("#live", has_text="checked").wait_for()
        page.click("#trials summary")
        page.click("#trials th:nth-child(7) button")
        page.click("#trials th:nth-child(7) button")
        page.evaluate("scrollTo(0, document.getElementById('trials').offsetTop)")
        place = "document.getElementById('trials').getBoundingClientRect().top"
        before = page.evaluate(place)
        _finish_another(Ledger(Workspace(tmp_path)).open("page"))
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.locator("#summary dt", has_text="7 of 6 trials").wait_for()
        assert page.locator("#trials tbody tr").count() == 7
        assert page.locator("#trials").evaluate("node => node.open")
        sorting = page.locator("#trials th[aria-sort]")
        assert sorting.get_attribute("aria-sort") == "descending"
        assert page.locator("#trials th:nth-child(7) button").evaluate(
            "node => node === document.activeElement"
        )
        assert page.evaluate(place) == pytest.approx(before, abs=1)
        assert page.evaluate("scrollY") > 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert said == []
        server.shutdown()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.locator("#live", has_text="does not answer").wait_for()
    assert page.locator("#trials tbody tr").count() == 7, "the last state stays"


def _finish_another(study: Study) -> None:
    trial, spec = study.new_trial(), None
    trial.keep_proposal(ProposalRecord(origin=Origin.SAMPLED, label="more", digest="", spec=spec))
    trial.end(Outcome(state=State.TIMEOUT, reason="too slow", duration_s=1e6))


def test_the_policy_allows_nothing_but_the_pages_own(report: Report) -> None:
    page = study_page(report)
    assert page.index("Content-Security-Policy") < page.index("<style>")
    assert "default-src 'none'; style-src 'sha256-" in page
    assert "unsafe" not in page
    assert " style=" not in page


def test_the_page_has_what_markdown_and_json_have(report: Report) -> None:
    page = study_page(report)
    assert report.verdict
    assert report.ablation
    for text in (page, study_report(report)):
        for trial in report.trials:
            assert trial.proposal.label in text
        for pair in report.verdict.pairs:
            assert pair.drawn_from in text
        for row in report.ablation.rows:
            assert row.part in text
        for title in ("Time and cost", "Origin of the result", "Standings"):
            assert title in text
        assert "autoresearch run --track mqar --budget 6 --seed 0" in text
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert {stage for stage, _, _ in report.costs} == {
        "search",
        "confirm",
        "ablate",
        "compare",
        "publish",
    }


def test_an_unfinished_study_has_a_page_too(workspace_folder: Path) -> None:
    study = Ledger(Workspace(workspace_folder)).create("empty", SETTINGS)
    page = study_page(Report(study))
    assert "Not finished (search): 0 of 6 trials finished" in page
    assert 'class="badge open"' in page


def test_ticks_are_round_and_inside() -> None:
    ranges = [(0.0, 49.0), (0.0, 1.0), (-3.2, 400.0), (12.0, 13.0), (5.0, 5.0), (42.0, 81.0)]
    for low, high in ranges:
        scale = Scale([low, high], (0, 100))
        ticks = scale.ticks()
        assert 2 <= len(ticks) <= 8
        assert all(scale.low <= tick <= scale.high + 1e-9 for tick in ticks)
        assert all(-0.1 <= scale(tick) <= 100.1 for tick in ticks)
    logarithmic = Scale([3e-8, 400.0], (100, 0), log=True)
    assert logarithmic.ticks()[0] == pytest.approx(1e-6)
    assert logarithmic(3e-8) == 100
    assert logarithmic(1000.0) == 0


def test_durations_read_as_people_say_them() -> None:
    assert [duration(s) for s in (0.25, 8.4, 59.7, 61, 245, 7800)] == [
        "0 s", "8 s", "1 min 00 s", "1 min 01 s", "4 min 05 s", "2 h 10 min"
    ]  # fmt: skip
