"""`autoresearch ablate`: a planted part is found, taken out, and the rest confirmed."""

import json
from pathlib import Path

import pytest

from agent.verdict import file_ablation
from agent.verdict.comparison import Bench, Contender
from helpers import Call
from search_space.recipes import RECIPES
from search_space.render import render
from tracks.evaluation import Evaluation

PLANTED = """
import torch

IDLE = True

class Submission(torch.optim.Optimizer):
    def __init__(self, params, lr=0.02, beta=0.9, adaptive=True):
        super().__init__(params, {"lr": lr})
        self.beta, self.adaptive = beta, adaptive

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                second = self.state[p].setdefault("second", torch.zeros_like(p))
                second.mul_(self.beta).addcmul_(p.grad, p.grad, value=0.1)
                update = p.grad / (second.sqrt() + 1e-8) if self.adaptive else p.grad
                update = update + 0.0 if IDLE else update
                p.sub_(update, alpha=group["lr"])
"""
TINY = ("--scale", "tiny", "--device", "cpu")


@pytest.mark.processes
def test_a_planted_part_is_found_and_taken_out(call: Call, workspace_folder: Path) -> None:
    Path("mine.py").write_text(PLANTED)
    words = ("ablate", "mine.py", *TINY, "--track", "random_teacher", "--key", "k")
    words += ("--out", "less.py", "--markdown", "less.md")
    status, out, err = call(*words, "--json")
    assert status == 0, err
    found = json.loads(out)
    rows = {row["part"]: row for row in found["ablation"]["rows"]}
    assert {name: row["finding"] for name, row in rows.items()} == {
        "adaptive": "helpful",
        "IDLE": "redundant",
    }
    verdict = found["ablation"]["simplified"]["verdict"]
    assert verdict["accepted"]
    assert verdict["min_effect"] == -found["ablation"]["margin"]
    assert verdict["reason"].startswith("not worse than mine by 0.05 log10 MSE or more on ")
    assert not {pair["drawn_from"] for pair in verdict["pairs"]} & set(
        found["ablation"]["instances"]
    ), "it was confirmed on other instances"
    assert Path("less.py").read_text() == PLANTED.replace("IDLE = True", "IDLE = False")
    assert "redundant: switch IDLE" in Path("less.md").read_text()
    assert "| switch: adaptive | False |" in Path("less.md").read_text()
    assert not list(Path("runs").glob("*/verdict.json")), "no study is made"


@pytest.mark.processes
def test_a_file_that_misses_the_target_is_compared_by_its_loss(
    call: Call, workspace_folder: Path
) -> None:
    Path("mine.py").write_text(PLANTED.replace("lr=0.02", "lr=1e-4"))
    words = ("ablate", "mine.py", *TINY, "--track", "mqar", "--switch", "IDLE", "--key", "k")
    status, out, err = call(*words, "--json")
    assert status == 0, err
    found = json.loads(out)
    assert found["objective"] == "final"
    assert [row["finding"] for row in found["ablation"]["rows"]] == ["redundant"]
    assert "the target is missed: the final loss is compared" in err
    status, out, err = call(*words, "--objective", "steps")
    assert (status, out) == (2, "")
    assert "mine.py misses the target of mqar" in err.splitlines()[-1]


@pytest.mark.processes
def test_a_file_that_fails_is_a_result(call: Call, workspace_folder: Path) -> None:
    Path("mine.py").write_text(PLANTED.replace("def step(self):", "def step(self):\n        1 / 0"))
    status, out, err = call(
        "ablate", "mine.py", *TINY, "--track", "mqar", "--json", "--out", "less.py"
    )
    assert status == 3
    found = json.loads(out)
    assert (found["state"], found["ablation"]) == ("exception", None)
    assert "ZeroDivisionError" in err.splitlines()[-1]
    assert not Path("less.py").exists()


@pytest.mark.processes
def test_an_interrupt_names_the_key_that_continues(
    call: Call, workspace_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("agent.verdict.file_ablation.official_run", interrupted)
    Path("mine.py").write_text(PLANTED)
    status, _, err = call("ablate", "mine.py", *TINY, "--track", "mqar")
    assert status == 130
    assert "the same command with --key test continues" in err


@pytest.mark.processes
@pytest.mark.parametrize("length", [400, 40])
def test_a_rendered_file_is_measured_for_the_length_that_is_asked_for(
    call: Call, workspace_folder: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    seen: list[str] = []

    def official_run(bench: Bench, whole: Contender) -> Evaluation:
        seen.append(whole[1].source)
        return official(bench, whole)

    official = file_ablation.official_run
    monkeypatch.setattr("agent.verdict.file_ablation.official_run", official_run)
    Path("mine.py").write_text(render(RECIPES["lion"], length))
    words = ("ablate", "mine.py", *TINY, "--track", "random_teacher", "--key", "k")
    status, out, err = call(*words, "--json", "--out", "less.py", "--markdown", "less.md")
    assert status == 0, err
    found = json.loads(out)
    assert seen == [render(RECIPES["lion"], 40)], "as it is without any of its parts"
    assert found["source"] == "spec"
    assert found["rendered_for"] == (40 if length == 400 else None)
    note = "its spec is measured, rendered for runs of 40 steps; the file is for others"
    assert err.count(f"mine.py: {note}") == (length == 400)
    assert (f"Not the file as it is: {note}." in Path("less.md").read_text()) == (length == 400)


def test_the_parts_are_listed_and_nothing_is_measured(call: Call, workspace_folder: Path) -> None:
    Path("mine.py").write_text(PLANTED)
    status, out, _ = call("ablate", "mine.py", "--track", "mqar", "--list")
    assert status == 0
    assert "what is True in the file" in " ".join(out.split())
    assert "nothing runs without it" in out
    status, out, _ = call(
        "ablate", "mine.py", "--track", "mqar", "--list", "--json", "--switch", "beta=0.5"
    )
    assert json.loads(out)["parts"] == [{"kind": "argument", "name": "beta", "replaced_by": "0.5"}]
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--switch", "speed"], "there are: lr, beta, adaptive, IDLE"),
        (["--key", " "], "--key '': expected some text to draw the instances from"),
        (["--out", "no/where.py"], "--out no/where.py: its folder does not exist"),
        (["--margin", "-1"], "Invalid value for '--margin'"),
    ],
)
def test_bad_input_is_one_line(
    call: Call, workspace_folder: Path, words: list[str], line: str
) -> None:
    Path("mine.py").write_text(PLANTED)
    status, out, err = call("ablate", "mine.py", "--track", "mqar", *words)
    assert (status, out) == (2, "")
    assert line in err
    assert len(err.strip().splitlines()) == 1


def test_a_file_without_parts_is_one_line(call: Call, workspace_folder: Path) -> None:
    bare = "import torch\nclass Submission(torch.optim.SGD):\n    ...\n"
    Path("mine.py").write_text(bare)
    status, _, err = call("ablate", "mine.py", "--track", "mqar")
    assert status == 2
    assert "mine.py: no part to remove; name one with --switch NAME=VALUE" in err
