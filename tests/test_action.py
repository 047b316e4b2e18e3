"""The GitHub Action: its script on a pull request of a temporary repository."""

import os
import re
import subprocess
from pathlib import Path

import git
import pytest

from helpers import ROOT

SCRIPT = ROOT / ".ci" / "ablate"
OPTIMIZER = "import torch\nclass Submission(torch.optim.SGD): ...\n"
PROGRAM = """#!/usr/bin/env bash
printf '%s|' "$PWD" "$@" >> "$CALLS"
echo "::error::said by a submission"
case "${@: -1}" in */bad.py) exit 3;; esac
echo "found in ${@: -1}" > found.md
"""
"""Stands for `autoresearch`: notes how it was called."""


class Runner:
    """The environment in which the runner starts the script."""

    def __init__(self, repository: git.Repo, folder: Path) -> None:
        self.repository, self.root = repository, Path(repository.working_dir)
        self.summary, self.calls = folder / "summary.md", folder / "calls"
        program = folder / "autoresearch"
        program.write_text(PROGRAM)
        program.chmod(0o755)
        self.variables = {
            "AUTORESEARCH": str(program),
            "CALLS": str(self.calls),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "BASE": repository.head.commit.hexsha,
            "FILES": "",
            "TRACK": "mqar",
            "SCALE": "small",
            "MIN_SANDBOX": "full",
        }

    def change(self, **files: str) -> None:
        for name, text in files.items():
            (self.root / f"{name}.py").write_text(text)
        self.repository.git.add(all=True)
        self.repository.index.commit("change")

    def run(self, **changed: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | self.variables | changed
        asked = {"cwd": self.root, "env": environment, "text": True}
        return subprocess.run([SCRIPT], check=False, capture_output=True, **asked)


@pytest.fixture
def runner(repository: git.Repo, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return Runner(repository, tmp_path_factory.mktemp("runner"))


def test_changed_optimizers_are_ablated_outside_of_the_checkout(runner: Runner) -> None:
    runner.change(new=OPTIMIZER, other="x = 1\n", **{"-od d`": "Submission = len\n"})
    done = runner.run()
    assert done.returncode == 0, done.stderr
    written = runner.summary.read_text()
    assert re.findall("^# (.+)$", written, re.M) == ["Ablation on mqar", "`-od d.py`", "`new.py`"]
    assert f"found in {runner.root}/new.py" in written
    words = runner.calls.read_text().split("|")
    assert words[1:9] == [
        "ablate",
        "--track",
        "mqar",
        "--scale",
        "small",
        "--min-sandbox",
        "full",
        "--device",
    ]
    assert not Path(words[0]).is_relative_to(runner.root), "evaluations kept there are not ours"
    begin, *_, end, _ = done.stdout.split("\n")
    assert begin.startswith("::stop-commands::"), "what follows is no command of the runner"
    assert end == f"::{begin.removeprefix('::stop-commands::')}::"


def test_a_file_that_fails_fails_the_job_and_the_others_are_shown(runner: Runner) -> None:
    runner.change(bad=OPTIMIZER, new=OPTIMIZER)
    done = runner.run(FILES="\nbad.py\nnew.py\n")
    assert done.returncode == 1
    written = runner.summary.read_text()
    assert "Failed with exit status 3; the log says why." in written
    assert written.count("found in") == 1


def test_a_change_without_optimizers_says_so(runner: Runner) -> None:
    runner.change(other="x = 1\n")
    assert runner.run().returncode == 0
    assert "No file that defines an optimizer has changed." in runner.summary.read_text()
    assert not runner.calls.exists()


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"TRACK": "./track.py"}, "expected the name of a track of the suite"),
        ({"TRACK": "$(touch here)"}, "expected the name of a track of the suite"),
        ({"BASE": "--output=here"}, "is not here; check out with fetch-depth: 0"),
        ({"BASE": "0" * 40}, "is not here; check out with fetch-depth: 0"),
    ],
)
def test_inputs_are_never_commands(runner: Runner, changed: dict[str, str], line: str) -> None:
    done = runner.run(**changed)
    assert done.returncode == 2
    assert line in done.stderr
    assert not (runner.root / "here").exists()


def test_values_reach_the_script_by_its_environment_alone() -> None:
    text = (ROOT / "action.yml").read_text()
    steps, environment = text.split("      env:\n")
    assert "${{" not in steps, "the runner would paste it into a shell line"
    variables = set(re.findall(r"^        ([A-Z_]+): \$\{\{ .+$", environment, re.M))
    used = set(re.findall(r"\$\{?([A-Z][A-Z_]+)", SCRIPT.read_text()))
    assert variables == used - {"GITHUB_STEP_SUMMARY", "PWD"}
