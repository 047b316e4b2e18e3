"""Temporary folders that processes left are removed, and never one that is used, or another's."""

import shutil
from pathlib import Path

import pytest

from agent.study import temporary_folder as module
from agent.study.temporary_folder import temporary_folder


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_what_nobody_holds_is_removed_and_what_is_held_stays(place: Path) -> None:
    left, other = place / "autoresearch-model-left", place / "autoresearch-worker-left"
    for folder in (left, other):
        (folder / "deep").mkdir(parents=True)
    with temporary_folder("model") as first:
        assert not left.exists()
        with temporary_folder("model") as second:
            assert sorted(place.iterdir()) == sorted([first, second, other])
        assert list(first.iterdir()) == []
    assert list(place.iterdir()) == [other]


def test_a_link_and_a_file_are_left_alone(place: Path) -> None:
    linked, link = place / "mine", place / "autoresearch-model-link"
    linked.mkdir()
    link.symlink_to(linked)
    file = place / "autoresearch-model-file"
    file.touch()
    with temporary_folder("model"):
        pass
    assert sorted(place.iterdir()) == sorted([linked, link, file])


def test_a_folder_of_another_user_is_left_alone(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = place / "autoresearch-model-theirs"
    theirs.mkdir()
    monkeypatch.setattr(module.os, "getuid", lambda: theirs.stat().st_uid + 1)
    with temporary_folder("model"):
        assert theirs.exists()


def test_one_that_is_taken_for_left_over_before_it_is_locked_is_made_again(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, taken = module.fcntl.flock, []

    def late(descriptor: int, how: int) -> None:
        if not taken:
            taken.extend(place.iterdir())
            shutil.rmtree(taken[0])
        lock(descriptor, how)

    monkeypatch.setattr(module.fcntl, "flock", late)
    with temporary_folder("model") as folder:
        assert folder.is_dir()
        assert [folder] != taken


def test_without_locks_in_the_file_system_nothing_is_removed(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(descriptor: int, how: int) -> None:
        raise OSError("no locks available")

    monkeypatch.setattr(module.fcntl, "flock", none)
    with temporary_folder("model") as first, temporary_folder("model") as second:
        assert sorted(place.iterdir()) == sorted([first, second])
    assert list(place.iterdir()) == []
