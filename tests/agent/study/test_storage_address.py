"""Addresses of ledgers: where they may stand, and that nothing shows a password."""

from pathlib import Path

import pytest

from agent.study.errors import UserError
from agent.study.storage_address import VARIABLE, StorageAddress
from agent.study.workspace import find_workspace
from helpers import Call

SECRET = "p@ss/w:rd"
WRITTEN = "p%40ss%2Fw%3Ard"


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://me:{WRITTEN}@host:5/db?sslmode=require",
        f"postgres://me@host:5/db?password={WRITTEN}&sslmode=require",
    ],
)
def test_a_password_is_kept_apart_and_never_shown(text: str) -> None:
    address = StorageAddress.parse(text)
    assert address.password == SECRET
    assert address.url == "postgresql://me@host:5/db?sslmode=require"
    assert str(address) == "postgresql://me:***@host:5/db?sslmode=require"
    assert SECRET not in repr(address)
    with pytest.raises(UserError) as refused:
        StorageAddress.parse(text, allow_password=False)
    assert "which others see: keep it in ~/.pgpass" in str(refused.value)
    assert SECRET not in str(refused.value)
    assert WRITTEN not in str(refused.value)


@pytest.mark.parametrize("text", ["postgresql:///db?host=/tmp", "postgresql://host/db"])
def test_an_address_without_a_password_is_as_written(text: str) -> None:
    assert str(StorageAddress.parse(text)) == StorageAddress.parse(text).url == text


def test_a_workspace_has_its_address_in_a_file(
    workspace_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = workspace_folder / "autoresearch.toml"
    settings.write_text('storage = "postgresql://host/db"\n')
    below = workspace_folder / "below"
    below.mkdir()
    found = find_workspace(below)
    assert (found.root, found.storage) == (workspace_folder, "postgresql://host/db")
    monkeypatch.setenv(VARIABLE, "postgresql://other/db")
    assert find_workspace(below).storage == "postgresql://other/db"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("storage = ", "cannot be read"),
        ("storage = 1", "expected one line, storage = "),
        ('store = "postgresql://host/db"', "expected one line, storage = "),
        (f'storage = "postgresql://me:{WRITTEN}@host/db"', "has a password, which others see"),
    ],
)
def test_what_is_wrong_with_that_file_is_one_line(
    call: Call, workspace_folder: Path, text: str, words: str
) -> None:
    (workspace_folder / "autoresearch.toml").write_text(text)
    status, out, error = call("status")
    assert (status, out, error.count("\n")) == (2, "", 1)
    assert words in error
    assert WRITTEN not in error


def test_the_option_works_before_and_after_a_verb_and_takes_no_password(call: Call) -> None:
    for words in (["--storage", "x://h", "status"], ["status", "--storage=x://h"]):
        status, _, error = call(*words)
        assert status == 2
        assert "the address of a ledger begins with postgresql://" in error
    status, _, error = call("status", "--storage", f"postgresql://me:{WRITTEN}@host/db")
    assert (status, error.count("\n")) == (2, 1)
    assert "me:***@host/db has a password" in error
    assert call("status", "--storage")[0] == 2
    # for that command alone
    assert call("status")[0] == 0
