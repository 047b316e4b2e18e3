"""Verbs whose output nobody reads, or that have none: they do their job all the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.study.ledger import Ledger
from agent.study.settings import Stage
from agent.study.workspace import Workspace
from helpers import ROOT, Call

SMALL = "run --track waves.py --scale small --no-commit --jobs 1 --seeds 3 --study s"


def shell(words: str, rest: str) -> tuple[int, str]:
    """The exit status of a command line before its redirections, and what came through these."""
    line = f"set -o pipefail; {sys.executable} -P -m agent {words} {rest}"
    done = subprocess.run(
        ["bash", "-c", line],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.processes
def test_a_study_goes_on_without_a_reader_of_its_progress(workspace_folder: Path) -> None:
    text = (ROOT / "docs" / "tracks" / "waves.py").read_text()
    Path("waves.py").write_text(text)
    status, said = shell(f"{SMALL} --budget 1", "2>&1 | head -1")
    assert (status, said.count("\n")) == (0, 1)
    study = Ledger(Workspace(workspace_folder)).open("s")
    assert study.stage is Stage.DONE
    assert len(study.finished()) == 1
    assert shell("run --resume s", "2>&1 | head -1")[0] == 0
    assert Ledger(Workspace(workspace_folder)).open("s").stage is Stage.DONE


@pytest.mark.processes
@pytest.mark.parametrize(
    ("words", "rest", "status", "said"),
    [
        ("space components", "| head -1", 0, "# Components\n"),
        ("status", ">&-", 0, ""),
        ("status", "<&- >&- 2>&-", 0, ""),
        ("tracks --of", "2>&-", 2, ""),
        ("tracks --of", "2>/dev/full", 2, ""),
    ],
)
def test_a_stream_that_is_gone_is_no_error(
    workspace_folder: Path, words: str, rest: str, status: int, said: str
) -> None:
    assert shell(words, rest) == (status, said)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is Linux's")
@pytest.mark.processes
@pytest.mark.parametrize("words", ["status", "space components"])
def test_a_full_disk_is_one_line(workspace_folder: Path, words: str) -> None:
    status, said = shell(words, ">/dev/full")
    assert status == 1
    assert said.startswith("autoresearch: the disk is full")
    assert said.count("\n") == 1


def test_another_pipe_that_breaks_is_an_error(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise BrokenPipeError("of a worker")

    monkeypatch.setattr("agent.cli.inputs.workspace", broken)
    status, _, said = call("status")
    assert status == 1
    assert "internal error: BrokenPipeError: of a worker" in said
