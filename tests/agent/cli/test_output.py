"""What verbs print: one JSON object, ASCII in the C locale, plain lines on a plain terminal."""

import json
import locale
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.judge import Options
from helpers import ROOT, Call, sources
from helpers.studies import SETTINGS, run
from tracks.isolation.launcher import Launcher

ADAMW = str(ROOT / "submissions" / "adamw")
READING = [
    ["tracks"],
    ["status"],
    ["report", "done"],
    ["leaderboard"],
    ["leaderboard", "--track", "mqar", "--scale", "small"],
    ["ideas", "--track", "mqar", "--scale", "small"],
    ["context", "--study", "done"],
    ["space", "list"],
    ["space", "show", "muon"],
    ["check", "--static", ADAMW],
    ["significance", "t-test", "1", "1.1", "--threshold", "2"],
    ["significance", "welch", "--ours", "1,1.1", "--theirs", "2,2.1"],
    ["significance", "track3", "3.2781", "3.2790"],
    ["significance", "track3", "3.2781", "3.2790", "--steps", "9", "--against", "9,3.29,4"],
    ["significance", "instances", "runs/done/verdict.json"],
    ["skill", "install", "skills"],
    ["doctor"],
]
SMALL = ["--track", "mqar", "--scale", "small"]
MEASURING = [
    ["run", *SMALL, "--budget", "1", "--no-ablation", "--submission", "größe.py"],
    ["propose", *SMALL, "--study", "s", "--file", "größe.py", "--hypothesis", "größer"],
    ["check", "größe.py"],
    ["import", "größen", *SMALL],
    ["export", "winner", "--to", "caffeine", "--out", "beiträge"],
    ["fidelity", *SMALL, "--specs", "4", "--seeds", "1"],
    ["survey", "größen"],
]
ALL = f"""
import sys
from agent.cli.main import main

for words in {READING!r}:
    status = main(words)
    assert status == 0 or words == ["doctor"], (words, status)
"""


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_json_is_one_object_with_its_version(call: Call, study: str, words: list[str]) -> None:
    status, out, error = call(*words, "--json")
    assert status == 0 or words == ["doctor"], error
    assert json.loads(out)["schema_version"] == 1


@pytest.mark.parametrize("surroundings", [{"LC_ALL": "C"}, {"LC_ALL": "POSIX", "NO_COLOR": "1"}])
def test_the_c_locale_gets_ascii(
    study: str, workspace_folder: Path, surroundings: dict[str, str]
) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "dumb"} | surroundings
    done = subprocess.run(
        [sys.executable, "-c", ALL], cwd=workspace_folder, env=environment, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
    for stream in (done.stdout, done.stderr):
        assert stream.isascii()
        assert b"Traceback" not in stream
        assert b"\x1b" not in stream
    assert b"|" in done.stdout, "tables are drawn in ASCII"


@pytest.fixture
def c_locale() -> Iterator[None]:
    before = locale.setlocale(locale.LC_CTYPE)
    locale.setlocale(locale.LC_CTYPE, "C")
    yield
    locale.setlocale(locale.LC_CTYPE, before)


@pytest.fixture
def others(launcher: Launcher, workspace_folder: Path) -> None:
    """A submission, a folder of submissions and a published winner; names are beyond ASCII."""
    Path("größe.py").write_text(sources.GRADIENT_DESCENT)
    Path("größen").mkdir()
    Path("größen", "README.md").write_text("Muon über alles: 10 % fewer steps\n")
    Path("größen", "größe.py").write_text(sources.GRADIENT_DESCENT)
    run(launcher, SETTINGS, "before", Options(name="winner", ablation=False))
    shutil.copytree("runs/before/winner/winner", "submissions/winner")


@pytest.mark.processes
def test_verbs_that_measure_get_ascii_in_the_c_locale(
    call: Call, others: None, c_locale: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.cli.export.CONTEST_SCALE", "small")
    for words in MEASURING:
        status, out, error = call(*words)
        assert status == 0, (words, error)
        assert out, words
        for text in (out, error):
            assert text.isascii(), words
            assert "Traceback" not in text


def test_a_dumb_terminal_gets_no_escape(study: str, workspace_folder: Path) -> None:
    """On a terminal, not a pipe."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "dumb"}
    code = "from agent.cli.main import main; main(['status']); main(['report', 'done'])"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=workspace_folder, env=environment, stdout=theirs
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while block := os.read(ours, 4096):
                shown += block
        except OSError:
            pass  # the other end was closed
    os.close(ours)
    assert process.returncode == 0
    assert b"done" in shown
    assert b"\x1b" not in shown
