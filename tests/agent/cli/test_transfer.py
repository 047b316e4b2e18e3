"""`autoresearch transfer`, and where its result is shown."""

import json
from pathlib import Path

import pytest

from agent.verdict.transfer import Design
from agent.verdict.transfer_record import Draw, TransferRecord, WorkloadRow, scores_of
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
    assert status == 3, "every run of it failed"
    found = json.loads(out)
    assert {ratio for row in found["ratios"].values() for ratio in row.values()} == {0.5}
    assert found["verdict"] == "a specialist: it misses AdamW's loss on mlp, tables"
    assert "Invalid learning rate" in found["rows"][0]["draws"][0]["failure"]


BAD = [
    (["--workload", "moon"], "workload 'moon': there are digits_cnn"),
    (["--draws", "0"], "'--draws'"),
    (["--length", "5000"], "'--length'"),
    (["--markdown", "no/where.md"], "--markdown no/where.md: its folder does not exist"),
    (["--markdown", "."], "--markdown .: is a folder; expected the name of a file"),
    (["--key", " "], "--key '': expected some text to draw the instances from"),
]


def test_a_length_is_only_for_files_that_are_not_told_it(
    call: Call, workspace_folder: Path
) -> None:
    Path("mine.py").write_text(CONSTANT)
    status, out, err = call("transfer", "mine.py", "--length", "200")
    assert (status, out) == (2, "")
    assert "--length is for files whose constructor takes no max_steps" in err


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


def test_the_leaderboard_has_numbers_for_programs(call: Call, workspace_folder: Path) -> None:
    draw = Draw("0", {"adamw": 1.0}, {"adamw": 50})
    rows = (WorkloadRow("mlp", 100, 1.0, (draw,)),)
    found = TransferRecord("digest", "key", True, "cpu", rows, scores_of(rows))
    folder = Path("submissions/mine")
    folder.mkdir(parents=True)
    result = {"track": "mqar", "scale": "full", "state": "complete", "steps_to_target": 30}
    result |= {"max_steps": 400, "final_eval_accuracy": 0.99, "device": "cpu", "date_utc": "2026"}
    (folder / "result.json").write_text(json.dumps({"tracks": {"mqar": result}}))
    (folder / "evidence.json").write_text(json.dumps({"transfer": found.to_json()}))
    for words in (["--track", "mqar"], []):
        status, out, err = call("leaderboard", *words, "--json")
        assert status == 0, err
        shown = {row["submission"]: row for row in json.loads(out)["entries"]}["mine"]
        assert shown["other_tasks"] == {"score": pytest.approx(2.0), "specialist": False}
        assert "2.00" in call("leaderboard", *words)[1]


@pytest.mark.processes
@pytest.mark.parametrize("given", [[], ["--key", "k"]])
def test_an_interrupt_names_the_key_that_continues(
    call: Call, workspace_folder: Path, monkeypatch: pytest.MonkeyPatch, given: list[str]
) -> None:
    def interrupted(_executor: object, _view: object, _candidate: object, design: Design) -> None:
        asked.append(design.key)
        raise KeyboardInterrupt

    asked: list[str] = []
    monkeypatch.setattr("agent.verdict.transfer.transfer", interrupted)
    Path("mine.py").write_text(CONSTANT)
    status, _, err = call("transfer", "mine.py", *given)
    assert status == 130
    assert f"the same command with --key {asked[0]} continues" in err
