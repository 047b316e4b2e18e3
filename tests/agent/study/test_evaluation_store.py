"""What an evaluation is stored under: all that its numbers depend on, and nothing else."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.study.evaluation_store import MEASURING, EvaluationStore
from tracks import code, processor, registry
from tracks.code import code_digest
from tracks.evaluation import Evaluation, State
from tracks.instance import official_instance
from tracks.isolation.levels import Level
from tracks.procedure import Procedure
from tracks.registry import defining_modules, get_track
from tracks.submission import Submission

TRACK = '''"""A track of somebody else."""

from edited_track.sizes import WIDTH
from tracks.suite.token_recall import TokenRecall

class Edited(TokenRecall):
    def width(self):
        return WIDTH  # in units

TRACKS = [Edited("edited", 1)]
'''
SUBMISSION, PROCEDURE = Submission("x"), Procedure(1)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package with a track and a module that it imports, known by the name `edited`."""
    package = tmp_path / "edited_track"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "sizes.py").write_text("WIDTH = 8\n")
    (package / "track.py").write_text(TRACK)
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("edited_track.track")
    monkeypatch.setattr(registry, "_loaded", {"edited": module.TRACKS[0]})
    yield package
    for name in [name for name in sys.modules if name.startswith("edited_track")]:
        del sys.modules[name]
    code._own_file.cache_clear()  # noqa: SLF001


def key(tmp_path: Path, track: str = "edited", device: str = "cpu") -> str:
    store = EvaluationStore(tmp_path / "evaluations")
    return store.key(SUBMISSION, official_instance(track, "small"), PROCEDURE, device, Level.FULL)


def test_an_edited_track_is_another_at_once(folder: Path, tmp_path: Path) -> None:
    before, other = key(tmp_path), key(tmp_path, "mqar")
    store = EvaluationStore(tmp_path / "evaluations")
    store.put(before, Evaluation(official_instance("mqar"), State.INVALID, PROCEDURE))
    (folder / "track.py").write_text(TRACK.replace("return WIDTH", "return WIDTH + 1"))
    assert store.get(key(tmp_path)) is None
    assert key(tmp_path, "mqar") == other
    (folder / "track.py").write_text(TRACK)
    assert store.get(key(tmp_path)) is not None


def test_once_the_code_is_edited_nothing_more_is_kept(folder: Path, tmp_path: Path) -> None:
    """The processes that measure have begun with the code of before."""
    store = EvaluationStore(tmp_path / "evaluations")
    evaluation = Evaluation(official_instance("mqar"), State.INVALID, PROCEDURE)

    def asked() -> str:
        instance = official_instance("edited", "small")
        return store.key(SUBMISSION, instance, PROCEDURE, "cpu", Level.FULL)

    first = asked()
    store.put(first, evaluation)
    (folder / "sizes.py").write_text("WIDTH = 5")
    assert asked() == first, "in this process"
    assert asked() != key(tmp_path)
    other = f"{first[:-1]}x"
    store.put(other, evaluation)
    assert store.get(first)
    assert store.get(other) is None


def test_what_a_track_imports_counts_and_a_comment_does_not(folder: Path, tmp_path: Path) -> None:
    before = key(tmp_path)
    commented = TRACK.replace("# in units", "# of rows").replace("somebody else", "ours")
    (folder / "track.py").write_text(f"# first\n\n{commented}")
    assert key(tmp_path) == before
    (folder / "sizes.py").write_text('"""Sizes."""\n\nWIDTH = 8  # rows\n')
    assert key(tmp_path) == before
    (folder / "sizes.py").write_text("WIDTH = 16\n")
    assert key(tmp_path) != before


def test_a_file_that_is_being_edited_is_read_as_it_is(folder: Path, tmp_path: Path) -> None:
    before = key(tmp_path)
    (folder / "sizes.py").write_text("WIDTH = (")
    assert key(tmp_path) != before


def modules_of(track: str, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    read: set[str] = set()
    original = code._read  # noqa: SLF001

    def recorded(path: Path, name: str, *state: int) -> tuple[str, tuple[str, ...]]:
        read.add(name)
        return original(path, name, *state)

    monkeypatch.setattr(code, "_read", recorded)
    code_digest([*MEASURING, *defining_modules(get_track(track))])
    return read


def test_the_code_of_a_number_is_all_that_computes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    modules = modules_of("mqar", monkeypatch)
    assert modules >= {
        "tracks.suite.token_recall", "tracks.fused.recall", "tracks.fused.buffers",
        "tracks.random_stream", "tracks.base", "tracks.isolation.trainer", "tracks.training",
        "tracks.isolation.optimizer_host", "tracks.isolation.remote_optimizer",
        "tracks.isolation.data_builder", "tracks.isolation.shared_tensors",
        "tracks.isolation.launcher",
    }  # fmt: skip
    assert not {"tracks.suite.random_teacher", "tracks.fused.attention"} & modules
    assert "tracks.probe" in modules_of("probe_tables", monkeypatch)


def test_versions_of_libraries_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = key(tmp_path, "mqar")
    monkeypatch.setattr(code, "_version", lambda library: "0.1" if library == "torch" else "")
    assert key(tmp_path, "mqar") != before


@pytest.mark.processes
def test_the_kind_of_hardware_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = key(tmp_path, "mqar")
    info, gpus = tmp_path / "cpuinfo", tmp_path / "gpus"
    monkeypatch.setattr(processor, "CPU_INFO", info)
    monkeypatch.setattr(processor, "NVIDIA", gpus)
    intel = (
        "processor : {}\nvendor_id : GenuineIntel\ncpu family : 6\nmodel : 143\nflags : sse {}\n"
    )

    def seen(device: str) -> str:
        processor.processor.cache_clear()
        processor.gpus.cache_clear()
        return processor.hardware(device)

    info.write_text(intel.format(0, "avx2 avx512f"))
    wide = seen("cpu")
    assert wide.endswith("GenuineIntel 6 143 avx2 avx512f sse")
    assert key(tmp_path, "mqar") != before
    info.write_text(intel.format(0, "avx2 smep") + "\n" + intel.format(1, "avx2 smep"))
    assert seen("cpu").endswith("GenuineIntel 6 143 avx2 sse")
    (gpus / "0000:01:00.0").mkdir(parents=True)
    (gpus / "0000:01:00.0" / "information").write_text("Model: \t NVIDIA H100\nIRQ: 1\n")
    assert seen("cuda:0").startswith("NVIDIA H100 ")
    info.unlink()
    assert seen("cpu")
    processor.processor.cache_clear()
    processor.gpus.cache_clear()


@pytest.mark.parametrize(
    "text", ["", "{", '{"state": "complete"}', "[1]", "null", '{"instance": 3}', "\udcff"]
)
def test_an_unreadable_evaluation_is_measured_again(tmp_path: Path, text: str) -> None:
    store = EvaluationStore(tmp_path)
    evaluation = Evaluation(official_instance("mqar"), State.INVALID, PROCEDURE, "no class")
    store.put("abc", evaluation)
    assert repr(store.get("abc")) == repr(evaluation), "nan equals itself in no comparison"
    store.path("abc").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert store.get("abc") is None
    store.put("abc", evaluation)
    assert store.get("abc") is not None
