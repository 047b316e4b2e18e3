"""The map of the house: every path in it exists."""

import re

from helpers import ROOT

PATH = re.compile(r"`((?:agent|tracks|search_space|autoresearch|tests|docs|submissions)/[\w./-]*)`")


def test_every_path_of_the_map_exists() -> None:
    paths = PATH.findall((ROOT / "docs" / "architecture.md").read_text())
    assert len(paths) > 30
    assert [path for path in paths if not (ROOT / path).exists()] == []
