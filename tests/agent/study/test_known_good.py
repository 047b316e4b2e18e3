"""What is said where adamw fails as well: a command that the user can give."""

import re
import shlex
from pathlib import Path

import pytest

from agent.study import known_good
from agent.study.known_good import machine_error
from helpers import ROOT, Call
from helpers.own_track import MINIMAL, written
from tracks import registry
from tracks.registry import add_file


def command(track: str) -> list[str]:
    found = re.search("`(.+?)`", str(machine_error(ValueError("no memory"), track)))
    assert found
    return shlex.split(found[1])


def test_the_command_works_where_the_user_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_loaded", {})
    submissions = known_good.PACKAGED_SUBMISSIONS
    monkeypatch.chdir(tmp_path)
    words = command("mqar")
    assert words[:6] == ["autoresearch", "eval", "--track", "mqar", "--scale", "tiny"]
    assert words[6:] == ["--submission", str(submissions / "adamw" / "submission.py")]
    file = written(
        tmp_path, MINIMAL.replace("    scales", "    name = 'own'\n    scales"), "a b.py"
    )
    add_file(file)
    assert command("own")[3] == f"{file}:own"
    monkeypatch.chdir(ROOT)
    assert command("mqar")[-1] == "submissions/adamw/submission.py"


def test_a_workload_is_no_track_to_evaluate_on() -> None:
    assert command(registry.workloads()[0].name) == ["autoresearch", "doctor"]


def test_no_example_is_of_a_file_that_only_a_clone_has(call: Call) -> None:
    for words in ([], ["eval"], ["check"], ["ablate"], ["transfer"], ["chaos"]):
        assert "submissions/adamw" not in call(*words, "--help")[1]
