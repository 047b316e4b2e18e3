"""`autoresearch transfer`, and where its result is shown."""

import json
from pathlib import Path

import pytest

from helpers import Call

CONSTANT = """
import torch

class Submission(torch.optim.AdamW):
    def __init__(self, params, max_steps=400):
        super().__init__(params, lr=1e-2)
"""


@pytest.mark.processes
def test_a_table_and_json_of_the_same_instances(call: Call, workspace_folder: Path) -> None:
    Path("mine.py").write_text(CONSTANT)
    words = ("transfer", "mine.py", "--short", "--draws", "1", "--key", "k")
    status, out, err = call(*words, "--json")
    assert status == 0, err
    found = json.loads(out)
    assert found["submission"] == "mine"
    assert set(found["ratios"]) == {"mlp", "tables"}
    assert set(found["scores"]) == {"adamw", "muon"}
    assert all(0.5 <= ratio <= 20 for row in found["ratios"].values() for ratio in row.values())
    status, out, _ = call(*words, "--markdown", "table.md")
    assert status == 0
    assert f"{found['ratios']['mlp']['adamw']:.2f}" in out
    assert "drawn from --key k" in out
    assert "| mlp |" in Path("table.md").read_text()


@pytest.mark.processes
def test_a_submission_that_raises_is_a_result(call: Call, workspace_folder: Path) -> None:
    Path("mine.py").write_text(CONSTANT.replace("lr=1e-2", "lr=-1.0"))
    status, out, _ = call("transfer", "mine.py", "--short", "--draws", "1", "--json")
    assert status == 0
    found = json.loads(out)
    assert {ratio for row in found["ratios"].values() for ratio in row.values()} == {0.5}
    assert found["verdict"] == "a specialist: it misses AdamW's loss on mlp, tables"
    assert "Invalid learning rate" in found["rows"][0]["draws"][0]["failure"]


BAD = [
    (["--workload", "moon"], "workload 'moon': there are digits_cnn"),
    (["--draws", "0"], "'--draws'"),
    (["--length", "5000"], "'--length'"),
    (["--markdown", "no/where.md"], "--markdown no/where.md: its folder does not exist"),
]


@pytest.mark.parametrize(("words", "line"), BAD)
def test_bad_input_is_one_line(
    call: Call, workspace_folder: Path, words: list[str], line: str
) -> None:
    Path("mine.py").write_text(CONSTANT)
    status, out, err = call("transfer", "mine.py", *words)
    assert (status, out) == (2, "")
    assert line in err
    assert len(err.strip().splitlines()) == 1


def test_missing_packages_are_one_line(
    call: Call, workspace_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("mine.py").write_text(CONSTANT)
    monkeypatch.setattr("tracks.workload.find_spec", lambda name: None)
    status, _, err = call("transfer", "mine.py")
    assert status == 2
    assert "pip install 'autoresearch[transfer]'" in err
