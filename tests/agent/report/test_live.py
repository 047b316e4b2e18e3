"""The page of a study that runs: built once for all who ask, and kept when it cannot be read."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agent.report import live
from agent.report.data import Report
from agent.report.live import LivePage
from agent.report.section import Document
from agent.study.errors import UserError
from agent.study.ledger import Ledger
from agent.study.records import Call, Origin, ProposalRecord
from agent.study.study import Study
from agent.study.workspace import Workspace
from helpers.studies import SETTINGS

PROPOSAL = ProposalRecord(origin=Origin.SAMPLED, label="<b>sgd</b>", digest="0", spec=None)


@pytest.fixture
def study(ledger: Ledger) -> Study:
    return ledger.create("live", SETTINGS)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[Document]:
    """Every document that is made; a page is made whenever the study has changed."""
    made, make = [], live.study_document

    def keep(report: Report) -> Document:
        made.append(make(report))
        return made[-1]

    monkeypatch.setattr(live, "study_document", keep)
    monkeypatch.setattr(live, "SHARE", 1e9)
    monkeypatch.setattr(live, "ANYWAY_S", 1e9)
    return made


def test_a_page_is_built_once_for_each_change(
    study: Study, built: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = LivePage(Workspace(Path.cwd()), "live")
    assert "Not finished (search): 0 of 6 trials finished." in page.text()
    assert "sandbox none" not in page.text(), "nothing has run in it yet"
    page.text()
    before = len(built)
    trial = study.new_trial()
    trial.keep_proposal(PROPOSAL)
    trial.keep_calls([Call(state="answered", model="m", at="", usd=0.25, prices="")])
    study.override(max_usd=3.0)
    with study.locked(), ThreadPoolExecutor(4) as pool:
        shown = set(pool.map(lambda _: page.text(), range(8)))
    assert len(built) == before + 1
    (text,) = shown
    shown_now = ("Running (search): 0 of 6 trials", "Trials that run now", "&lt;b&gt;sgd", "of $3")
    for words in shown_now:
        assert words in text
    monkeypatch.setattr(live, "ANYWAY_S", 1e-9)
    assert "Trials without an end" in page.text(), "the run has ended, which changes no file"


def test_a_study_that_cannot_be_read_keeps_its_page(
    study: Study, built: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    page, make = LivePage(Workspace(Path.cwd()), "live"), live.study_document

    def locked(report: Report) -> Document:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(live, "study_document", locked)
    text = page.text()
    assert "Not renewed: the ledger is locked by another process: wait" in text
    assert "0 of 6 trials finished" in text
    monkeypatch.setattr(live, "study_document", make)
    assert "Not renewed" not in page.text()


def test_building_takes_a_share_of_the_time(
    study: Study, built: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "SHARE", 1e-9)
    page = LivePage(Workspace(Path.cwd()), "live")
    for _ in range(3):
        page.text()
        study.new_trial()
    assert len(built) <= 2, "one at the start, and one before the pause"


def test_an_unknown_study_has_no_page(study: Study) -> None:
    with pytest.raises(UserError, match="no study named 'other'; there are: live"):
        LivePage(Workspace(Path.cwd()), "other")
