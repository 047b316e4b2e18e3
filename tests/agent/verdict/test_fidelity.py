"""What `autoresearch fidelity` says of the rungs, and that the rungs are alike."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from agent.report.markdown import sections
from agent.report.sections.fidelity import fidelity_section
from agent.study.evaluation_store import EvaluationStore
from agent.study.local_executor import LocalExecutor
from agent.verdict.fidelity import Design, Fidelity, diverse_specs, measure_fidelity
from agent.verdict.ladder_chance import Column, chance_and_cost
from helpers.views import Recorder
from tracks.base import Proxy
from tracks.instance import OFFICIAL_SEEDS
from tracks.isolation.launcher import Launcher
from tracks.registry import get_track
from tracks.suite.random_teacher import RandomTeacher


def test_chance_and_cost_of_a_ladder() -> None:
    best_first = Column([1.0, 2.0, 3.0, 4.0], [1.0, 1.0, 1.0, 1.0])
    worst_first = Column([4.0, 3.0, 2.0, 1.0], [1.0, 1.0, 1.0, 1.0])
    full = Column([1.0, 2.0, 3.0, 4.0], [10.0, 10.0, 10.0, 10.0])
    chance, cost = chance_and_cost([[best_first]], full, [0.01], 0)
    assert chance == 1.0
    # on average 1 + 1/2 + 1/3 + 1/4 of four are the best when they arrive
    assert cost == pytest.approx((4 + 10 * 25 / 12) / 40, rel=0.02)
    chance, _ = chance_and_cost([[worst_first]], full, [0.01], 0)
    assert chance == pytest.approx(0.25, abs=0.05)
    chance, cost = chance_and_cost([], full, [], 0)
    assert (chance, cost) == (1.0, 1.0)
    failed = Column([math.inf, 1.0, 2.0, 3.0], [1.0] * 4)
    assert chance_and_cost([[failed]], full, [1.0], 0)[0] == 0.0


def test_fidelity_compares_ranks_and_costs(launcher: Launcher, workspace_folder: Path) -> None:
    track = get_track("mqar")
    executor = LocalExecutor(launcher, 2, EvaluationStore(workspace_folder / "evaluations"))
    data = measure_fidelity(track, executor, Recorder(), Design(8, 2, scale="small"))
    assert list(data.values) == list(diverse_specs(track, 8, 0))
    rung = data.rungs[0]
    assert rung.scale == "tiny"
    assert 0 < rung.spearman <= 1
    assert 0 <= data.best_kept <= 1
    assert rung.times_cheaper > 0
    again = measure_fidelity(track, executor, Recorder(), Design(8, 2, scale="small"))
    assert again == data
    assert "| tiny | 50% |" in sections([fidelity_section(data)])


def test_proxies_are_proposed_to_a_track_that_has_none() -> None:
    found = Fidelity("own", "full", 4, 1, 1.0, (), 4, 1.0, 1.0, {})

    def said(proposed: tuple[Proxy, ...] | None) -> str:
        return sections([fidelity_section(replace(found, proposed=proposed))])

    line = 'write into the track: proxies = {"full": (Proxy("half", 0.33),)}'
    assert line in said((Proxy("half", 1 / 3),)).replace("\\", "")
    assert "None of these smaller runs ranks well enough" in said(())
    assert "write into the track" not in said(None)


def test_a_table_of_values_says_what_they_are() -> None:
    values = {"adamw": {"full": 1.0}}
    found = Fidelity("random_teacher", "full", 4, 1, 1.0, (), 4, 1.0, 1.0, values)
    assert "The final MSE: lower is better." in sections([fidelity_section(found)])
    said = sections([fidelity_section(replace(found, track="mqar"))])
    assert "Steps to the target, and less than one more by the final error rate: lower" in said


@pytest.mark.parametrize("scale", ["full", "short", "half", "three_eighths", "quarter", "eighth"])
def test_a_narrow_teacher_is_as_sharp_as_the_full_one(scale: str) -> None:
    track = RandomTeacher()
    size = replace(track.scales[scale], train_samples=64, eval_samples=8)
    teacher = track.teacher(OFFICIAL_SEEDS, size)
    x = torch.randn(64, size.length, size.width, generator=torch.Generator().manual_seed(0))
    weight, bias, *_ = (p.detach() for p in teacher.parameters())
    q, k, _ = (x @ weight.T + bias).chunk(3, -1)
    logits = q @ k.transpose(1, 2) / size.width**0.5
    spread = (logits - logits.mean(-1, keepdim=True)).std()
    assert spread == pytest.approx(43, rel=0.15)
