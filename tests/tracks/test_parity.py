"""The isolated evaluation gives the bits of a plain loop that shares no code with it."""

import importlib.util
from pathlib import Path

import pytest

from helpers import ROOT, Run, sources
from plain_loop import load, plain_loop
from search_space.recipes import RECIPES
from search_space.render import render

TEACHER_SMALL = {"d": 16, "length": 8, "train": 256, "eval": 64, "batch": 32, "steps": 40}
RECALL_SMALL = {
    "keys": 8, "pairs": 4, "d": 16, "train": 1024, "eval": 256, "batch": 64, "steps": 80
}  # fmt: skip
SMALL = {"random_teacher": TEACHER_SMALL, "single_ar": RECALL_SMALL, "mqar": RECALL_SMALL}
ADAMW = ROOT / "submissions" / "adamw" / "submission.py"


@pytest.mark.parametrize("track", SMALL)
@pytest.mark.parametrize("name", sources.WELL_BEHAVED)
def test_every_bit_of_a_small_run(run: Run, tmp_path: Path, track: str, name: str) -> None:
    path = tmp_path / "submission.py"
    path.write_text(sources.WELL_BEHAVED[name])
    plain = plain_loop(track, load(path), SMALL[track], eval_every=10)
    isolated = run(path.read_text(), track, eval_every=10)
    assert isolated.complete, isolated.reason
    assert isolated.curve == tuple(plain["curve"])
    assert isolated.last_train_loss == plain["last_train_loss"]
    assert isolated.data_audit is not None
    names = ("train_inputs", "train_targets", "eval_inputs", "eval_targets", "batch_indices")
    assert [isolated.data_audit[name]["sha256"] for name in names] == plain["hashes"]


@pytest.mark.parametrize("track", ["random_teacher", "mqar"])
@pytest.mark.parametrize("recipe", RECIPES)
def test_rendered_files_run_unchanged_in_the_plain_loop(
    run: Run, tmp_path: Path, recipe: str, track: str
) -> None:
    path = tmp_path / "submission.py"
    path.write_text(render(RECIPES[recipe], SMALL[track]["steps"]))
    plain = plain_loop(track, load(path), SMALL[track], eval_every=10)
    assert run(path.read_text(), track, eval_every=10).curve == tuple(plain["curve"])


@pytest.mark.parametrize(
    ("track", "accuracy", "loss"),
    [
        ("single_ar", 0.619384765625, 1.664330244064331),
        ("mqar", 0.91802978515625, 0.4226488471031189),
    ],
)
def test_published_numbers_at_full_scale(
    run: Run, track: str, accuracy: float, loss: float
) -> None:
    plain = plain_loop(track, load(ADAMW))
    isolated = run(ADAMW.read_text(), track, scale="full", eval_every=400)
    assert (isolated.last, isolated.last_train_loss) == (plain["final"], plain["last_train_loss"])
    # other processors may differ in the last bits
    assert isolated.last == pytest.approx(accuracy, abs=1e-3)
    assert isolated.last_train_loss == pytest.approx(loss, rel=1e-3)


def test_looking_more_often_does_not_touch_the_training(run: Run) -> None:
    rare = run(sources.NOISE, eval_every=40)
    often = run(sources.NOISE, eval_every=1)
    assert len(often.curve) == 41
    assert rare.last == often.last
    assert rare.last_train_loss == often.last_train_loss


def test_the_plain_loop_uses_none_of_our_packages() -> None:
    spec = importlib.util.find_spec("plain_loop")
    assert spec is not None
    assert spec.origin is not None
    text = Path(spec.origin).read_text()
    for package in ("tracks", "agent", "search_space"):
        assert f"import {package}" not in text
        assert f"from {package}" not in text
