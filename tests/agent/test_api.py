"""The Python API: the examples of docs/python.md, records, and what is refused."""

import json
import re
import runpy
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import autoresearch
from agent.api.options import checked
from agent.cli.eval import OneRun
from agent.cli.machine import AnyMachine, CpuMachine, Limits
from agent.cli.model import ModelOptions
from agent.cli.run_options import Search, Target, Verdict
from agent.cli.transfer import Workloads
from autoresearch import EvaluateOptions, RunOptions, TransferOptions, UserError
from helpers import ROOT, sources
from tracks.isolation.levels import Level
from tracks.registry import get_track
from tracks.track_file import TrackError

TEXT = (ROOT / "docs" / "python.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.M | re.S)


@pytest.mark.processes
@pytest.mark.usefixtures("shared_launcher")
def test_the_examples_work_when_they_are_pasted(
    workspace_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = workspace_folder / "example.py"
    script.write_text("\n".join(BLOCKS))
    runpy.run_path(str(script), run_name="__main__")
    assert "complete" in capsys.readouterr().out
    assert (workspace_folder / "runs" / "first" / "report.md").exists()


@pytest.mark.processes
@pytest.mark.usefixtures("shared_launcher")
def test_a_study_in_another_folder(workspace_folder: Path) -> None:
    beside = workspace_folder / "beside"
    beside.mkdir()
    file = workspace_folder / "mine.py"
    file.write_text(sources.GRADIENT_DESCENT)
    found = autoresearch.run(
        "mqar", scale="tiny", budget=1, study="there", workspace=beside,
        submissions=[file], recipes=False, commit=False, ablation=False,
        on_event=f"sh -c 'cat >> {workspace_folder / 'events'}'",
    )  # fmt: skip
    events = [json.loads(line) for line in (workspace_folder / "events").read_text().splitlines()]
    assert [event["event"] for event in events] == [
        "study_started", "trial_finished", "new_best", "verdict", "study_finished"
    ]  # fmt: skip
    assert found.folder == beside / "runs" / "there"
    assert [trial.proposal.label for trial in found.trials] == ["mine"]
    assert found.best is not None
    assert found.verdict is not None
    assert not found.verdict.accepted
    assert found._repr_markdown_().startswith("# ")
    again = autoresearch.open_study("there", workspace=beside)
    assert again.name == "there"
    assert len(again.trials) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"budget": 0}, "option budget: input should be greater than or equal to 1, not 0"),
        ({"budget": -3}, "option budget: input should be greater than or equal to 1, not -3"),
        ({"budget": "3"}, "option budget: input should be a valid integer, not '3'"),
        ({"budget": True}, "option budget: input should be a valid integer, not True"),
        ({"budget": 2.0}, "option budget: input should be a valid integer, not 2.0"),
        ({"jobs": "2"}, "option jobs: "),
        ({"seed": False}, "option seed: "),
        ({"timeout": "90"}, "option timeout: input should be a valid number, not '90'"),
        ({"timeout": 2e6}, "option timeout: input should be less than or equal to 1728000"),
        ({"memory_mb": 2**41}, "option memory_mb: input should be less than or equal to "),
        ({"max_time": True}, "option max_time: "),
        ({"recipes": "no"}, "option recipes: input should be a valid boolean, not 'no'"),
        ({"min_sandbox": "strong"}, "option min_sandbox: "),
        ({"submissions": "mine.py"}, "option submissions: "),
        ({"workspace": "nowhere"}, "option workspace: 'nowhere': expected a folder"),
        ({"submissions": [int]}, "int is no torch.optim.Optimizer"),
        ({"bugdet": 3}, "option bugdet: extra inputs are not permitted"),
        ({"scale": "huge"}, "scale 'huge': mqar has full, half, quarter, small, tiny"),
        ({"submissions": [3]}, "3 is no class"),
        ({"submissions": ["gone.py"]}, "gone.py: "),
    ],
)
@pytest.mark.usefixtures("workspace_folder")
def test_wrong_options_are_one_line(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError) as error:
        autoresearch.run("mqar", **options)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.usefixtures("workspace_folder")
def test_arguments_of_another_kind_are_one_line() -> None:
    given: Any = get_track("mqar")
    with pytest.raises(UserError, match="expected the name of a track, or its file"):
        autoresearch.run(given)
    with pytest.raises(UserError, match="expected the name of a track, or its file"):
        autoresearch.evaluate("mine.py", given)
    for asked in (autoresearch.resume, autoresearch.open_study):
        with pytest.raises(UserError, match=r"study .*: expected the name of a study"):
            asked(given)
    with pytest.raises(UserError, match="option workspace: 'nowhere': expected a folder"):
        autoresearch.open_study("first", workspace="nowhere")


def test_every_option_of_the_command_line_is_one_of_the_api() -> None:
    verbs: dict[Any, tuple[Any, ...]] = {
        RunOptions: (Target, Search, Verdict, ModelOptions, AnyMachine),
        EvaluateOptions: (OneRun, Limits),
        TransferOptions: (Workloads, CpuMachine),
    }
    arguments = {"track", "resume", "submission"}
    for options, records in verbs.items():
        offered = {one.name for record in records for one in fields(record)} - arguments
        assert offered | {"workspace", "storage"} <= get_type_hints(options).keys()
    given = checked(RunOptions, {"scheduler": "tls://lab:1", "tls": "certificates"})
    assert given["tls"] == Path.cwd() / "certificates"


@pytest.mark.usefixtures("workspace_folder")
def test_a_scheduler_and_a_ledger_elsewhere_are_asked() -> None:
    with pytest.raises(UserError, match=r"scheduler 'nowhere': expected tcp://HOST:PORT"):
        autoresearch.run("mqar", scheduler="nowhere")
    for wrong in ("mysql://host/lab", "postgresql://me:secret@host/lab"):
        with pytest.raises(UserError, match="address"):
            autoresearch.run("mqar", storage=wrong)
        with pytest.raises(UserError, match="address"):
            autoresearch.open_study("first", storage=wrong)


def test_what_is_meant_passes_the_check_of_types() -> None:
    given = {"min_sandbox": "full", "timeout": 90, "submissions": ("mine.py",), "recipes": False}
    assert checked(RunOptions, given)["min_sandbox"] is Level.FULL


@pytest.mark.usefixtures("workspace_folder")
def test_a_file_that_breaks_a_rule_is_not_run(tmp_path: Path) -> None:
    file = tmp_path / "cheat.py"
    file.write_text(sources.GRADIENT_DESCENT + "\ntorch.compile(print)\n")
    with pytest.raises(UserError, match=r"cheat\.py.*compile"):
        autoresearch.evaluate(file, "mqar", scale="tiny")
    with pytest.raises(UserError, match="no track named 'moon'"):
        autoresearch.evaluate(file, "moon")


@pytest.mark.usefixtures("workspace_folder")
def test_what_is_wrong_with_a_track_is_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found_out(*_: object) -> None:
        raise TrackError("waves.py:3: data gives nothing")

    monkeypatch.setattr(OneRun, "measured", found_out)
    monkeypatch.setattr("agent.api.study.carried_out", found_out)
    file = tmp_path / "mine.py"
    file.write_text(sources.GRADIENT_DESCENT)
    for asked in (lambda: autoresearch.evaluate(file, "mqar"), lambda: autoresearch.run("mqar")):
        with pytest.raises(UserError, match=r"waves\.py:3: data gives nothing"):
            asked()


def test_everything_that_is_named_is_there_and_documented() -> None:
    assert sorted(autoresearch.__all__) == autoresearch.__all__
    for name in autoresearch.__all__:
        assert getattr(autoresearch, name).__doc__, name
    assert set(autoresearch.tracks()) >= {"mqar", "tiny_lm"}


@pytest.mark.processes
def test_another_package_of_the_same_name_is_told(tmp_path: Path) -> None:
    """`agent` and `tracks` are common names of packages."""
    (tmp_path / "agent").mkdir()
    (tmp_path / "agent" / "__init__.py").write_text("raise AssertionError('imported')\n")
    command = [sys.executable, "-c", "import autoresearch"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert "ImportError: autoresearch needs its own package 'agent', but Python finds" in last
    assert str(tmp_path) in last
