"""What an ablation draws and judges at each scale: its margins, and the instances of its pairs."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import pytest

from agent.report.sections.ablation import ablation_section
from agent.verdict import interactions as pairing
from agent.verdict import variants
from agent.verdict.ablation import ablate
from agent.verdict.ablation_record import Ablation
from agent.verdict.comparison import Bench
from agent.verdict.interactions import interactions
from agent.verdict.removable import Part
from agent.verdict.variants import Basis
from helpers.studies import SETTINGS
from helpers.views import Recorder
from tracks.base import Metric
from tracks.evaluation import Evaluation, State
from tracks.procedure import Procedure
from tracks.registry import get_track
from tracks.submission import Submission

FINAL = replace(SETTINGS, track="random_teacher", objective="final", scale="small")
AGAINST = "f" * 64
LOSSES = {("tiny", "a"): 2.006, ("tiny", "b"): 3.0, ("small", "a"): 1.001, ("small", "b"): 1.5}
WHOLE = {"tiny": 2.0, "small": 1.0}


class Made:
    """Parts a and b: the code without some of them is their names."""

    def listed(self) -> Sequence[Part]:
        return [Part("part", name, "none") for name in "ab"]

    def without(self, parts: Collection[int], max_steps: int) -> Submission:
        return Submission("".join("ab"[index] for index in sorted(parts)) or "whole")

    def spec_without(self, parts: Collection[int]) -> None:
        return None


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """Results that are made up; holds what instances were drawn from, by the code that ran."""
    found: dict[str, set[str]] = {}

    def run_all(
        executor: Any, view: Any, tasks: Any, objective: Any, procedure: Any = None
    ) -> list[Evaluation]:
        ran = []
        for number, (_, submission, instance) in enumerate(tasks):
            found.setdefault(submission.source, set()).add(instance.drawn_from)
            scale = instance.scale
            loss = LOSSES.get((scale, submission.source), WHOLE[scale]) + 1e-5 * number
            curve = ((0, 9.0), (40, loss))
            ran.append(Evaluation(instance, State.COMPLETE, Procedure(1), curve=curve))
        return ran

    monkeypatch.setattr(variants, "run_all", run_all)
    monkeypatch.setattr(pairing, "run_all", run_all)
    monkeypatch.setattr(get_track("random_teacher"), "metric", Metric("loss"))
    return found


def test_a_row_has_the_margin_that_it_was_judged_with(drawn: dict[str, set[str]]) -> None:
    nothing: Any = None
    found = ablate(Bench(FINAL, nothing, Recorder()), Made(), Basis("key"))
    assert found.margin == pytest.approx(0.005, abs=1e-4)
    assert [(row.scale, row.finding) for row in found.rows] == [
        ("tiny", "redundant"),
        ("tiny", "helpful"),
    ]
    assert found.rows[0].delta is not None
    assert found.margin < found.rows[0].delta
    assert found.margins == {"tiny": pytest.approx(0.01, abs=1e-4)}
    note = ablation_section(found).notes[0]
    assert "costs less than 0.01 at scale tiny; the band of the chart is 0.005" in note
    assert Ablation.from_json(found.to_json()) == found
    before = found.to_json()
    for row in before["rows"]:
        del row["margin"]
    assert set(Ablation.from_json(before).margins.values()) == {found.margin}


@pytest.mark.parametrize("proxies", [True, False])
def test_pairs_are_run_on_instances_of_the_ablation(
    drawn: dict[str, set[str]], proxies: bool
) -> None:
    nothing: Any = None
    settings = replace(FINAL, scale="small" if proxies else "tiny")
    bench, made = Bench(settings, nothing, Recorder()), Made()
    found = ablate(bench, made, Basis("key", AGAINST))
    before = drawn.pop("whole")
    interactions(bench, made, "key", found.rows, AGAINST)
    assert drawn["ab"] <= before
    assert drawn["whole"] <= before
