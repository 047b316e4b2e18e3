"""Ablation by the real pipeline: planted parts that do nothing, or harm, are taken out."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.judge import Options
from agent.report.markdown import study_report
from agent.verdict.interactions import MOST_PARTS
from agent.verdict.removable import parts_of
from helpers.studies import SETTINGS, report_of, run
from search_space.ablate import leave_one_out, without
from search_space.defaults import with_defaults
from search_space.recipes import RECIPES
from search_space.render import render
from search_space.spec import make_spec
from search_space.switches import switches
from tracks.isolation.launcher import Launcher
from tracks.submission import Submission

PLANTED = make_spec(
    {
        "direction": {"part": "adam", "beta2": 0.9},
        "schedule": {"part": "constant", "lr": 0.2},
        # it changes the weights after the last step only, and the target is long reached then
        "averaging": {"part": "tail_ema", "start": 0.95},
        # so sluggish that it takes twice the steps
        "momentum": {"part": "ema", "beta": 0.95},
    }
)
SWITCHED = '''
import torch


class Submission(torch.optim.Optimizer):
    """Adam that is made sluggish by one switch and not changed by another."""

    def __init__(self, params, lr=0.2, adaptive: bool = True, idle=True, *, drag=True):
        super().__init__(params, {"lr": lr})
        self.adaptive, self.idle, self.drag = adaptive, idle, drag

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                second = self.state[p].setdefault("second", torch.zeros_like(p))
                second.mul_(0.9).addcmul_(p.grad, p.grad, value=0.1)
                update = p.grad / (second.sqrt() + 1e-8) if self.adaptive else p.grad
                if self.idle:
                    update = update + 0.0
                if self.drag:
                    mean = self.state[p].setdefault("mean", torch.zeros_like(p))
                    update = mean.lerp_(update, 0.05)
                p.sub_(update, alpha=group["lr"])
'''

ONE_IS_ENOUGH = SWITCHED.replace(
    "adaptive: bool = True, idle=True, *, drag=True", "one=True, idle=True, other=True"
).replace(
    "self.adaptive, self.idle, self.drag = adaptive, idle, drag",
    "self.adaptive, self.idle, self.drag = one or other, idle, one and other",
)


def switch_off(source: str, names: list[str]) -> str:
    return with_defaults(source, dict.fromkeys(names, "False"))


def findings(ablation: dict[str, Any]) -> dict[str, str]:
    return {row["part"]: row["finding"] for row in ablation["rows"]}


def taken_out(ablation: dict[str, Any]) -> set[str]:
    return {ablation["rows"][index]["part"] for index in ablation["simplified"]["parts"]}


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch, launcher: Launcher, workspace_folder: Path) -> Any:
    monkeypatch.setattr("helpers.studies.STRONG", PLANTED)
    settings = replace(SETTINGS, budget=1)
    return run(launcher, settings, "planted", Options(name="planted", commit=False))[0]


def test_planted_parts_of_a_spec_are_found_and_taken_out(planted: dict[str, Any]) -> None:
    ablation, verdict = planted["ablation"], planted["verdict"]
    found = findings(ablation)
    assert found["tail_ema"] == "redundant"
    assert found["ema"] == "harmful"
    assert ablation["simplified"]["scale"] == "small", "only full runs take a part out"
    for row in ablation["rows"]:
        if row["scale"] == "tiny" and row["part"] not in taken_out(ablation):
            assert row["finding"] == "needed" or row["interval"][0] > 6, "clearly worth it"
    assert taken_out(ablation) == {"tail_ema", "ema"}
    assert verdict["accepted"]
    assert verdict["before_simplifying"]["accepted"]
    assert verdict["novelty"]["nearest"].startswith("recipe "), "recipes are known optimizers"
    assert verdict["challenger_digest"] != verdict["before_simplifying"]["challenger_digest"]
    folder = Path(planted["publication"]["files"])
    evidence = json.loads((folder / "evidence.json").read_text())
    assert not {"averaging", "momentum"} & set(evidence["spec"]["phases"][0])
    published = Submission((folder / "submission.py").read_text())
    assert published.digest == verdict["challenger_digest"]
    report = study_report(report_of("planted"))
    assert "Taken out: " in report
    assert "was confirmed, and is what is published" in report
    assert "Taken out: " in (folder / "README.md").read_text()


def test_planted_parts_of_free_form_code_are_found_and_taken_out(
    launcher: Launcher, workspace_folder: Path
) -> None:
    settings = replace(SETTINGS, budget=1, seeds=8)
    data, _ = run(launcher, settings, "code", Options(commit=False), SWITCHED)
    ablation = data["ablation"]
    assert findings(ablation)["idle"] == "redundant"
    assert findings(ablation)["drag"] == "harmful"
    assert taken_out(ablation) == {"idle", "drag"}
    assert data["verdict"]["accepted"]
    folder = Path(data["publication"]["files"])
    source = (folder / "submission.py").read_text()
    assert "adaptive: bool = True, idle=False, *, drag=False" in source


def test_parts_that_stand_in_for_each_other_are_not_all_taken_out(
    launcher: Launcher, workspace_folder: Path
) -> None:
    settings = replace(SETTINGS, budget=1, seeds=8)
    data, _ = run(launcher, settings, "code", Options(commit=False), ONE_IS_ENOUGH)
    found = findings(data["ablation"])
    assert found == {"one": "harmful", "idle": "redundant", "other": "harmful"}
    assert taken_out(data["ablation"]) == {"one", "idle"}
    assert data["ablation"]["simplified"]["delta"] < 0
    assert data["verdict"]["accepted"]


def test_interactions_are_differences_of_differences(planted: dict[str, Any]) -> None:
    pairs = planted["ablation"]["interactions"]
    parts = [row["part"] for row in planted["ablation"]["rows"]]
    assert pairs["scale"] == "tiny"
    assert len(pairs["pairs"]) == len(pairs["parts"]) * (len(pairs["parts"]) - 1) // 2
    idle = parts.index("tail_ema")
    measured = [pair for pair in pairs["pairs"] if pair["interaction"] is not None]
    assert measured
    for pair in pairs["pairs"]:
        if pair["interaction"] is None:
            assert pair["failed"] == "the target was missed without one of them"
        elif idle in (pair["first"], pair["second"]):
            assert pair["interaction"] == 0, "what does nothing interacts with nothing"
            assert pair["interval"][0] < 0 < pair["interval"][1], "rounding counts as noise"


def test_several_parts_are_taken_away_at_once() -> None:
    spec = RECIPES["cm_product_space"]
    removals = leave_one_out(spec)
    assert len(removals) > MOST_PARTS, "some are left out of the pairs"
    for removal in removals:
        assert without(spec, [removal]) == removal.spec
    names = {removal.name: removal for removal in removals}
    both = without(spec, [names["phase 2"], names["phase 1 schedule"]])
    assert len(both.phases) == 1
    assert both.phases[0]["schedule"].part == "constant"
    assert without(spec, []) == spec
    for one in removals:
        for other in removals:
            render(without(spec, [one, other]), 40)
            assert without(spec, [one, other]) == without(spec, [other, one])


def test_switches_are_arguments_that_are_true() -> None:
    assert switches(SWITCHED) == ["adaptive", "idle", "drag"]
    assert switch_off(SWITCHED, []) == SWITCHED
    off = switch_off(SWITCHED, ["adaptive", "drag"])
    assert "lr=0.2, adaptive: bool = False, idle=True, *, drag=False" in off
    assert switches(off) == ["idle"]
    assert off.replace("False", "True") == SWITCHED.replace("False", "True")
    with pytest.raises(
        ValueError, match="no default named speed; there are: lr, adaptive, idle, drag"
    ):
        switch_off(SWITCHED, ["speed"])


def test_switches_stand_on_any_line_after_any_text() -> None:
    source = (
        "class Submission:\n    def __init__(\n        self, params, /, ä='ö', b=True,"
        "\n        c=True, d=1, **rest\n    ): ...\n\nclass Other:\n"
        "    def __init__(self, e=True): ...\n"
    )
    assert switches(source) == ["b", "c"]
    assert switch_off(source, ["b", "c"]) == source.replace("b=True", "b=False").replace(
        "c=True", "c=False"
    )


def test_where_a_name_is_defined_twice_the_last_one_counts() -> None:
    source = (
        "class Submission:\n    def __init__(self, p, a=True, b=True): ...\n"
        "    def __init__(self, p, b=True, a=True): ...\n"
    )
    assert switches(source) == ["b", "a"]
    first, last = "a=True, b=True", "b=False, a=False"
    assert switch_off(source, ["a", "b"]) == source.replace("b=True, a=True", last)
    assert first in switch_off(source, ["a", "b"])


def test_code_without_switches_has_no_parts() -> None:
    source = "class Submission:\n    def __init__(self, params, nesterov=False): ...\n"
    assert list(parts_of(Submission(source), None, 400).listed()) == []


def test_a_file_of_an_earlier_version_is_the_whole() -> None:
    """Instances are drawn from its digest, as those of its verdict are."""
    spec = RECIPES["muon"]
    before = Submission(f"# of an earlier version\n{render(spec, 400)}")
    parts = parts_of(before, spec, 400)
    assert parts.without((), 400) is before
    assert parts.without((), 200).source == render(spec, 200)
    assert "earlier version" not in parts.without((0,), 400).source
