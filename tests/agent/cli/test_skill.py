"""SKILL.md: valid, complete, and every command in it works in the order in which it stands."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent.cli.skill import LINK
from helpers import ROOT, Call
from helpers.repositories import new_repository

SKILL = (ROOT / "SKILL.md").read_text(encoding="utf-8")
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.S | re.M)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.S | re.M)
HAS_SCALE = {"propose", "leaderboard", "ideas"}


def commands() -> list[list[str]]:
    return [
        shlex.split(line)
        for block in SHELL.findall(SKILL)
        for line in block.splitlines()
        if line.strip()
    ]


@pytest.mark.processes
def test_it_is_valid_where_it_is_installed(call: Call, workspace_folder: Path) -> None:
    status, out, _ = call("skill", "install", "skills")
    assert status == 0
    assert "skills/autoresearch/SKILL.md" in out
    validator = Path(sys.executable).with_name("agentskills")
    checked = subprocess.run(
        [validator, "validate", "skills/autoresearch"], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    for page in LINK.findall(SKILL):
        assert (workspace_folder / "skills" / "autoresearch" / page).is_file()


def test_an_older_copy_is_replaced_with_its_pages(call: Call, workspace_folder: Path) -> None:
    assert call("skill", "install", "skills")[0] == 0
    skill = workspace_folder / "skills" / "autoresearch"
    (skill / "SKILL.md").write_text(f"{SKILL}\n[of before](docs/old.md)\n")
    (skill / "docs" / "old.md").write_text("of before")
    assert call("skill", "install", "skills")[0] == 0
    assert (skill / "SKILL.md").read_text() == SKILL
    assert not (skill / "docs" / "old.md").exists()


@pytest.mark.parametrize(
    "text", ["---\nname: autoresearch\n---\n\n# mine\n", f"{SKILL}\nSee docs/mine.md\n"]
)
def test_a_skill_of_the_users_own_is_left_alone(
    text: str, call: Call, workspace_folder: Path
) -> None:
    skill = workspace_folder / "mine" / "autoresearch"
    (skill / "docs").mkdir(parents=True)
    (skill / "SKILL.md").write_text(text)
    (skill / "docs" / "mine.md").write_text("keep")
    status, _, error = call("skill", "install", "mine")
    assert (status, "no installed skill, or more than one" in error) == (2, True)
    assert (skill / "SKILL.md").read_text() == text
    assert (skill / "docs" / "mine.md").read_text() == "keep"


def test_one_file_of_the_users_own_is_left_alone(call: Call, workspace_folder: Path) -> None:
    skill = workspace_folder / "mine" / "autoresearch" / "SKILL.md"
    skill.parent.mkdir(parents=True)
    skill.write_text("hi")
    assert call("skill", "install", "mine")[0] == 2
    assert skill.read_text() == "hi"


@pytest.mark.parametrize(
    ("words", "folder"),
    [
        (["--agent", "claude"], ".claude/skills"),
        (["--agent", "codex"], ".agents/skills"),
        (["--agent", "copilot", "--user"], "home/.copilot/skills"),
    ],
)
def test_it_goes_where_the_agent_looks(
    words: list[str],
    folder: str,
    call: Call,
    workspace_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(workspace_folder / "home"))
    assert call("skill", "install", *words)[0] == 0
    assert (workspace_folder / folder / "autoresearch" / "SKILL.md").read_text() == SKILL


@pytest.mark.parametrize(
    "words", [[], ["skills", "--agent", "claude"], ["skills", "--user"], ["--agent", "emacs"]]
)
def test_where_it_goes_is_said_once(words: list[str], call: Call, workspace_folder: Path) -> None:
    status, out, error = call("skill", "install", *words)
    assert (status, out, error.count("\n")) == (2, "", 1)
    assert not (workspace_folder / "skills").exists()


def test_a_folder_that_is_no_skill_is_left_alone(call: Call, workspace_folder: Path) -> None:
    (workspace_folder / "mine" / "autoresearch").mkdir(parents=True)
    (workspace_folder / "mine" / "autoresearch" / "notes.txt").write_text("keep")
    status, _, err = call("skill", "install", "mine")
    assert (status, "no installed skill, or more than one" in err) == (2, True)
    assert (workspace_folder / "mine" / "autoresearch" / "notes.txt").exists()
    # a clone has a SKILL.md as well
    (workspace_folder / "mine" / "autoresearch" / "SKILL.md").write_text(SKILL)
    assert call("skill", "install", "mine")[0] == 2
    assert (workspace_folder / "mine" / "autoresearch" / "notes.txt").exists()


def test_it_is_short_enough_to_be_loaded_whole() -> None:
    assert len(SKILL.splitlines()) < 250
    assert len(SKILL) / 3 < 5000


@pytest.mark.processes
def test_the_setup_is_a_target_of_make() -> None:
    assert commands()[0] == ["make", "setup"]
    planned = subprocess.run(["make", "-n", "setup"], cwd=ROOT, capture_output=True, text=True)
    assert planned.returncode == 0, planned.stderr


@pytest.mark.processes
@pytest.mark.timeout(600)
def test_every_command_works_in_its_order(
    call: Call, workspace_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the small scale, in a fresh repository, as an agent would type them."""
    repository = new_repository(workspace_folder, "drafts/")
    monkeypatch.setattr("agent.cli.export.CONTEST_SCALE", "small")
    shutil.copytree(ROOT / "submissions", workspace_folder / "submissions", dirs_exist_ok=True)
    (code,) = PYTHON.findall(SKILL)
    said = {}
    for words in commands():
        verb, rest = words[0], words[1:]
        if verb == "mkdir":
            (workspace_folder / rest[-1]).mkdir()
            (workspace_folder / "drafts" / "second.py").write_text(code)
        elif verb == "git":
            repository.git.execute(words)
        elif verb == "autoresearch":
            rest, file = (rest[:-2], rest[-1]) if ">" in rest else (rest, None)
            status, out, err = call(*rest, *_small(rest))
            assert status == 0, (words, out, err)
            said[rest[0]] = out
            if file:
                (workspace_folder / file).write_text(out)
        else:
            assert words in (["make", "setup"], ["export", "PATH=$PWD/.venv/bin:$PATH"]), words
    assert "Accepted: lazy-signs" in " ".join(said["report"].split())
    assert (workspace_folder / "submissions" / "lazy-signs" / "evidence.json").exists()
    assert list((workspace_folder / "contribution").rglob("submission.py"))


def _small(words: list[str]) -> list[str]:
    return ["--scale", "small"] if words[0] in HAS_SCALE and "--track" in words else []
