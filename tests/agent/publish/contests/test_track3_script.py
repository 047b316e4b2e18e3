"""A winner in a training script: the edit, what is refused, and a step of the edited script."""

import runpy
import sys
from pathlib import Path

import pytest

from agent.publish.contests.logs import read_log
from agent.publish.contests.track3_script import Script, diff, put_into
from agent.study.errors import UserError
from helpers.contest_script import SCRIPT, WINNER
from tracks.submission import Submission
from tracks.track3_groups import Groups


def edited(groups: Groups, script: str = SCRIPT, winner: str = WINNER) -> str:
    return put_into(Script("train.py", script), Submission(winner), "winner-1", groups)


def test_the_winner_steps_all_parameters() -> None:
    text = edited("all")
    assert (
        "    optimizers = [submission_class()(model.parameters(), max_steps=train_steps)]" in text
    )
    for gone in (
        "class Signs",
        "\ndef signed(update):",
        "sign_of",
        "AdamW",
        "set_rates",
        "first_lr",
    ):
        assert gone not in text
    assert "makes way" not in text
    assert "a linear schedule" not in text
    assert "    for p in model.parameters():\n        dist.broadcast(p.detach(), 0)\n" in text
    assert text.count("class Block") == 2


def test_the_winner_steps_the_matrices_and_the_script_keeps_its_adamw() -> None:
    text = edited("matrices")
    assert (
        "optimizer2 = submission_class()"
        "([p for p in model.blocks.parameters() if p.ndim >= 2], max_steps=train_steps)" in text
    )
    assert "optimizer1 = AdamW(" in text
    assert text.count("for opt in [optimizer1]:") == 2
    assert text.count("for opt in optimizers:") == 1
    assert "class Signs" not in text


def test_a_constructor_without_max_steps_gets_none() -> None:
    assert "(model.parameters())]" in edited("all", winner=WINNER.replace("max_steps: int", "n"))


def test_the_edit_is_shown_as_a_diff() -> None:
    lines = diff(SCRIPT, edited("matrices"), ("old.py", "new.py")).splitlines()
    assert lines[:2] == ["--- old.py", "+++ new.py"]
    assert "-class Signs(torch.optim.Optimizer):" in lines
    assert "+    class Submission(torch.optim.Optimizer):" in lines


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("train_steps", "length", "it has no train_steps; expected the contest's"),
        ("optimizers = [optimizer1, optimizer2]", "optimizers = [Signs([])]", "no list optimizers"),
        (
            "    # a linear",
            "    optimizer2.lr = 1\n    # a linear",
            "line 92: it uses optimizer2 in",
        ),
        (
            "    # a linear",
            "    optimizers.pop()\n    # a linear",
            "line 92: it uses optimizers in",
        ),
        ("Signs([p", "AdamW([p", "0 of optimizer1, optimizer2 are of a class of the script"),
        (
            "import sys",
            f"x = print{'()' * 20_000}",
            "train.py: it cannot be parsed: maximum recursion",
        ),
        ("import sys", "import", "train.py, line 2: Expected one or more names|invalid syntax"),
    ],
)
def test_another_script_is_refused(old: str, new: str, reason: str) -> None:
    assert old in SCRIPT
    with pytest.raises(UserError, match=reason):
        edited("matrices", SCRIPT.replace(old, new))


@pytest.mark.parametrize("groups", ["all", "matrices"])
def test_the_edited_script_runs_a_step(
    groups: Groups,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    script, log = tmp_path / "train.py", tmp_path / "log.txt"
    script.write_text(edited(groups))
    monkeypatch.setenv("GLOO_SOCKET_IFNAME", "lo")
    monkeypatch.setattr(sys, "argv", [str(script), str(log)])
    runpy.run_path(str(script))
    blocks = {"all": 7, "matrices": 2}[groups]
    assert capsys.readouterr().out == f"{blocks} 1 '\\n  kept as it is\\n'\n"
    found = read_log(log)
    assert found.code.strip() == script.read_text().strip()
    (trial,) = found.trials
    assert trial[1] < trial[0]
