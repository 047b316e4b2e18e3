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
pytestmark = pytest.mark.processes


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


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("Data(x,", "Data(x.requires_grad_(),", "data gives train_inputs with a gradient; add .de"),
        (
            "** 2).mean()",
            "** 2).mean().long()",
            "loss gives a number of torch.int64; expected a fl",
        ),
        (
            "return ((m",
            "model.weight.data.mul_(0.9)\n        return ((m",
            "loss or measure changes",
        ),
    ],
)
def test_what_no_run_can_use_is_named(
    tmp_path: Path, launcher: Launcher, before: str, after: str, said: str
) -> None:
    assert before in MINIMAL
    file = written(tmp_path, MINIMAL.replace(before, after))
    assert refusal(launcher, file).startswith(f"{file}: {said}")


PARAMETER = """made = torch.nn.Linear(1, 1)
        made.more = torch.nn.Parameter({}, requires_grad=False)
        return made"""
COMPUTED = """made = torch.nn.Linear(1, 1)
        made.parameters = lambda recurse=True: iter([made.weight * 2])
        return made"""
KEPT = """made = torch.nn.Linear(1, 1)
        made.twice = made.weight * 2
        return made"""


@pytest.mark.parametrize(
    ("student", "said"),
    [
        ("return torch.nn.LazyLinear(1)", "parameter 0 of the student has no shape yet; call a la"),
        (COMPUTED, "parameter 0 of the student is computed from others; expected a torch.nn.Param"),
        (PARAMETER.format("torch.ones(2) * 1j"), "parameter 2 of the student is of torch.complex"),
        (PARAMETER.format("torch.arange(3)"), "parameter 2 of the student is of torch.int64; exp"),
        (PARAMETER.format("torch.ones(1).expand(4)"), "parameter 2 of the student has entries th"),
        (PARAMETER.format("torch.ones(1) / 0"), "parameter 2 of the student is not finite before"),
        (KEPT, "a copy of the student: RuntimeError: Only Tensors created explicitly by the user"),
    ],
    ids=["lazy", "computed", "complex", "integer", "expanded", "infinite", "kept"],
)
def test_a_student_that_cannot_be_trained_is_named(
    tmp_path: Path, launcher: Launcher, student: str, said: str
) -> None:
    file = written(tmp_path, MINIMAL.replace("return torch.nn.Linear(1, 1)", student))
    assert refusal(launcher, file).startswith(f"{file}: {said}")


def test_sparse_gradients_are_named(tmp_path: Path, launcher: Launcher) -> None:
    text = MINIMAL.replace("torch.nn.Linear(1, 1)", "torch.nn.Embedding(9, 1, sparse=True)")
    text = text.replace("model(inputs)", "model(inputs[:, 0].abs().long() % 9)")
    said = "loss has a sparse gradient; build embeddings with sparse=False"
    file = written(tmp_path, text)
    assert refusal(launcher, file) == f"{file}: {said}"


def test_the_example_reads_the_texts_beside_it(tmp_path: Path, launcher: Launcher) -> None:
    example = (ROOT / "docs" / "tracks" / "own_text.py").read_text()
    folder = tmp_path / "above" / "mine"
    folder.mkdir(parents=True)
    file = written(folder, example, "own_text.py")
    assert refusal(launcher, file) == f"{file}: text gives nothing; expected bytes to read"
    (folder.parent / "page.md").write_text("above")
    (folder / "page.md").write_text("beside")
    assert add_file(file).text() == b"beside"
