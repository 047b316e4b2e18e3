"""A metric of which more is better, and which is no share: its losses are negated, and named so."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from agent.knowledge.best_so_far import BestSoFar
from agent.knowledge.ideas import Ideas
from agent.report.data import Report
from agent.report.sections.aa_test import aa_section
from agent.report.sections.progress import progress
from agent.report.sections.records import records
from agent.report.sections.verdict import baselines, verdict_section
from agent.study.ledger import Ledger
from agent.study.settings import Settings
from agent.study.workspace import Workspace
from agent.verdict.aa_test import AATest
from agent.verdict.baselines import BaselineRecord, BaselineRow
from helpers.made_up import add_trial, compared
from tracks.base import Metric
from tracks.registry import get_track

OURS, THEIRS = [-33.0, -34.0, -33.5], [2.0, 1.0, 1.5]


@pytest.fixture(autouse=True)
def metric(monkeypatch: pytest.MonkeyPatch) -> Metric:
    changed = Metric("psnr_db", higher_is_better=True)
    monkeypatch.setattr(get_track("mqar"), "metric", changed)
    return changed


def test_a_loss_that_is_negated_is_called_so(metric: Metric) -> None:
    assert (metric.loss_name, metric.signed_loss_name) == ("psnr db", "negative psnr db")
    assert (metric.loss(33.0), metric.value(-33.0)) == (-33.0, 33.0)
    for other, name in (
        (Metric("mse", log=True), "MSE"),
        (Metric("accuracy", higher_is_better=True, answers=2), "error rate"),
    ):
        assert (other.loss_name, other.signed_loss_name) == (name, name)


def test_a_verdict_names_the_side_that_is_subtracted() -> None:
    for objective, unit, sides in (
        ("final", "psnr db", "challenger minus incumbent"),
        ("steps", "steps", "incumbent minus challenger"),
    ):
        found = compared(OURS, THEIRS, objective=objective, unit=unit, level=0.001)
        line = verdict_section(found, "evidence.json").notes[0]
        assert f"t-test on {unit}, {sides}: mean 35, " in line


def test_an_aa_test_shows_the_metric_by_its_own_sign() -> None:
    found = AATest(
        track="mqar", scale="full", objective="final", unit="psnr db", submission="it",
        alpha=0.01, challengers=(), kept=0, run_to_run=0.0, instances=3, missed=0, mean=-33.5,
        seed_to_seed=0.5, paired_noise=0.1, differences=(), studies=1, proposals=1,
        false_keep_rate=None, power=0.9, seeds_needed=(),
    )  # fmt: skip
    line = "Seed to seed: 33.5 on average, standard deviation 0.5 psnr db"
    assert line in "\n".join(aa_section(found).text)


def test_charts_say_that_their_values_are_negative(workspace_folder: Path) -> None:
    settings = Settings("mqar", "final", 20, seed=0, seeds=3, scale="full")
    study = Ledger(Workspace(workspace_folder)).create("one", settings)
    add_trial(study, None, 3)
    title = progress(Report(study)).charts[0].title
    assert title == "Best final negative psnr db so far, by trial; lower is better"
    found = [
        BestSoFar(f"2030-01-0{day}T00:00:00+00:00", "it", -33.0 - day, "one", None, "us", None)
        for day in (1, 2)
    ]
    data = SimpleNamespace(
        track="mqar", objective="final", scale="full", records=[], evaluations=found
    )
    (chart,) = records(cast(Ideas, data), 5).charts
    assert chart.title == "Best final negative psnr db by time; lower is better"


def test_results_of_baselines_are_in_the_metric() -> None:
    row = BaselineRow(
        "adamw", "b", 9, "d", "k", "psnr db", ("i",), scores=(2.0, None), winner=(-33.0, -34.0)
    )
    settings = Settings("mqar", "final", 9, seed=0, seeds=3, scale="full")
    report = SimpleNamespace(settings=settings, baselines=BaselineRecord(rows=(row,)))
    table = baselines(cast(Report, report)).table
    assert table
    assert list(table.rows[0][2:4]) == ["-2, failed", "33, 34"]
