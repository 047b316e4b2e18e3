"""What a method of a track's file raises is the track's, in one line, also in code it inherits."""

from pathlib import Path

import pytest

from helpers import ROOT, sources
from helpers.own_track import MINIMAL, written
from tracks.instance import drawn_instance
from tracks.isolation.evaluate import evaluate
from tracks.isolation.launcher import Launcher
from tracks.procedure import Procedure
from tracks.registry import add_file
from tracks.submission import Submission
from tracks.track_file import TrackError

TEXT = """
from dataclasses import replace
import torch
from tracks.base import Scale
from tracks.suite.tiny_lm import TinyLM, text_scale

class Prose(TinyLM):
    name = "prose"
    scales = {"full": text_scale(4, 4, 8, 32, 2)}
    proxies = {}

    def text(self):
        return bytes(range(256)) * 40
"""
STUDENT = """student(self, seeds, scale):
        torch.manual_seed(seeds.student)
        return torch.nn.Embedding(256, 8)

    def """
NARROW = "replace(text_scale(4, 4, 8, 32, 2), width=-1)"
pytestmark = [pytest.mark.processes, pytest.mark.usefixtures("forgotten_tracks")]


def refusal(launcher: Launcher, file: Path) -> str:
    """What a run on the track of a file ends with."""
    track = add_file(file)
    instance = drawn_instance(track.name, str(file))
    submission = Submission(sources.GRADIENT_DESCENT)
    with pytest.raises(TrackError) as error:
        evaluate(submission, instance, launcher, procedure=Procedure(40))
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("before", "line"),
    [
        ("size = self", 10),
        ("torch.manual_seed", 16),
        ("return ((mod", 20),
        ("return self.loss", 23),
    ],
    ids=["data", "student", "loss", "measure"],
)
def test_sys_exit_in_a_method_is_told(
    tmp_path: Path, launcher: Launcher, before: str, line: int
) -> None:
    leave = "import sys; sys.exit('run prepare.py first')"
    file = written(tmp_path, MINIMAL.replace(before, f"{leave}\n        {before}"))
    assert refusal(launcher, file) == f"{file}:{line}: SystemExit: run prepare.py first"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("bytes(range(256)) * 40", "b''", "text gives nothing; expected bytes to read"),
        ("bytes(range(256)) * 40", "'a' * 9999", "text gives a str; expected bytes to read"),
        ("text_scale(4, 4, 8, 32, 2)", "Scale(4, 4, 16, 64)", "data: AttributeError: 'Scale' obj"),
        ("text_scale(4, 4, 8, 32, 2)", NARROW, "student: RuntimeError: "),
        ("text(self)", f"{STUDENT}text(self)", "loss: IndexError: Target "),
    ],
)
def test_what_inherited_code_raises_is_the_tracks(
    tmp_path: Path, launcher: Launcher, before: str, after: str, said: str
) -> None:
    """It has no line of the file's own, which set what that code cannot work with."""
    assert before in TEXT
    file = written(tmp_path, TEXT.replace(before, after), "prose.py")
    assert refusal(launcher, file).startswith(f"{file}: {said}")


def test_what_cannot_be_read_of_the_data_is_the_tracks(tmp_path: Path, launcher: Launcher) -> None:
    file = written(tmp_path, MINIMAL.replace("Data(x,", "Data(x.bfloat16(),"))
    assert refusal(launcher, file).startswith(f"{file}: data: TypeError: Got unsupported")


def test_the_example_reads_the_texts_beside_it(tmp_path: Path, launcher: Launcher) -> None:
    example = (ROOT / "docs" / "tracks" / "own_text.py").read_text()
    folder = tmp_path / "above" / "mine"
    folder.mkdir(parents=True)
    file = written(folder, example, "own_text.py")
    assert refusal(launcher, file) == f"{file}: text gives nothing; expected bytes to read"
    (folder.parent / "page.md").write_text("above")
    (folder / "page.md").write_text("beside")
    assert add_file(file).text() == b"beside"
