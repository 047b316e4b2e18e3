"""The documentation tells the truth: what it shows is what happens."""

import re
import shlex
from pathlib import Path

import pytest

from agent.cli.main import app
from helpers import ROOT, Call
from helpers.files import BAD_FILES

ROW = re.compile(r"\| [^|]+ \| `autoresearch ([^`]*)` \| (.+) \|")
ROWS = ROW.findall((ROOT / "docs" / "bad-input.md").read_text())


def test_every_line_in_the_table_of_bad_inputs(
    call: Call, study: str, subtests: pytest.Subtests
) -> None:
    for name, (content, _) in BAD_FILES.items():
        Path(f"{name.replace(' ', '_')}.py").write_bytes(content)
    assert len(ROWS) > 15
    for words, line in ROWS:
        with subtests.test(words):
            status, out, error = call(*shlex.split(words))
            assert (status, out, error) == (2, "", f"autoresearch: {line}\n")


def test_the_readme_names_every_verb() -> None:
    readme = (ROOT / "README.md").read_text()
    groups = {group.name for group in app.registered_groups}
    for verb in {command.name for command in app.registered_commands} | groups:
        assert f"`autoresearch {verb}" in readme, verb


def test_the_skill_has_what_agents_need() -> None:
    text = (ROOT / "SKILL.md").read_text()
    front = text.split("---")[1]
    name = re.search(r"^name: (.+)$", front, re.M)
    description = re.search(r"^description: (.+)$", front, re.M)
    assert name is not None
    assert description is not None
    assert re.fullmatch(r"[a-z0-9-]{1,64}", name[1])
    assert 1 <= len(description[1]) <= 1024
