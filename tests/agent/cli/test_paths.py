"""Paths that the system refuses to follow: one line and exit status 2 in every verb."""

import errno
import os
from pathlib import Path

import pytest

from agent.study.system_errors import path_error
from helpers import Call

COMMANDS = [
    "check {}",
    "eval --track mqar --submission {}",
    "report none --csv {}",
    "run --track {}.py",
    "space render adamw -o {}",
    "significance instances {}",
    "survey {} --no-llm",
    "ledger copy {} other",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_name_that_is_too_long_is_bad_input(call: Call, command: str) -> None:
    status, out, error = call(*command.format("a" * 300).split())
    assert (status, out, error.count("\n")) == (2, "", 1)
    assert len(error) < 200


@pytest.mark.parametrize("command", ["run --track {}", "space render adamw -o {}", "check {}"])
def test_a_link_to_itself_is_bad_input(call: Call, command: str) -> None:
    Path("loop.py").symlink_to("loop.py")
    status, _, error = call(*command.format("loop.py").split())
    assert status == 2
    assert "loop.py: Too many levels of symbolic links; expected " in error


def test_a_folder_of_others_is_bad_input() -> None:
    refused = PermissionError(13, "Permission denied", "/root/x")
    line = "/root/x: Permission denied; expected a path that can be opened"
    assert path_error(refused) == line
    assert path_error(PermissionError(13, "Permission denied")) is None
    assert path_error(ValueError("/root/x")) is None


@pytest.mark.parametrize("number", [errno.EROFS, errno.EPERM])
def test_a_path_that_cannot_be_written_is_bad_input(number: int) -> None:
    refused = OSError(number, os.strerror(number), "/cdrom/x")
    line = f"/cdrom/x: {os.strerror(number)}; expected a path that can be written; make it writable"
    assert str(path_error(refused)).startswith(line)


def test_a_file_for_a_folder_or_the_reverse_is_bad_input(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for opened, expected in (
        (tmp_path / "file", "File exists; expected a folder; move away what is in its place"),
        (tmp_path / "file" / "x", "Not a directory; expected a folder above it; move away the"),
    ):
        with pytest.raises((FileExistsError, NotADirectoryError)) as raised:
            opened.mkdir(exist_ok=True)
        assert expected in str(path_error(raised.value))
    with pytest.raises(IsADirectoryError) as refused:
        tmp_path.read_text()
    assert "Is a directory; expected a file; move the" in str(path_error(refused.value))


def test_runs_on_a_disk_that_is_not_mounted_is_bad_input(
    call: Call, workspace_folder: Path
) -> None:
    (workspace_folder / "runs").symlink_to("nowhere")
    status, _, said = call("status")
    assert status == 2
    assert "runs is a link to nowhere, which is not there; mount or make that folder" in said
