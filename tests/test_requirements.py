"""Versions and hashes: what is pinned is hashed, in the same version."""

import re

from helpers import ROOT

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[\w+\])?==(\S+)", re.M)
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")


def pins(name: str) -> dict[str, str]:
    found = PIN.findall((ROOT / name).read_text())
    return {re.sub(r"[-_.]+", "-", package).lower(): version for package, version in found}


def test_every_pinned_package_but_torch_is_hashed_in_the_same_version() -> None:
    locked = pins("requirements.lock")
    assert locked.pop("torch")
    assert pins("requirements.hashes") == locked


def test_every_package_of_the_hashes_has_some() -> None:
    blocks = re.split(r"^(?=[A-Za-z])", (ROOT / "requirements.hashes").read_text(), flags=re.M)[1:]
    assert len(blocks) == len(pins("requirements.hashes"))
    assert all(HASH.search(block) for block in blocks)


def test_the_lock_file_stays_a_constraint_file() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert "--hash" not in text
    for line in text.splitlines():
        assert line.startswith("#") or PIN.fullmatch(line), line


def test_a_source_distribution_has_both_files() -> None:
    words = (ROOT / "MANIFEST.in").read_text().split()
    assert {"requirements.lock", "requirements.hashes", "SECURITY.md"} <= set(words)
