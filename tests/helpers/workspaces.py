"""What keeps studies in tests short, and workspaces that the tests of one file share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from search_space.recipes import RECIPES
from tracks import registry

SOME = {name: RECIPES[name] for name in ("adamw", "muon")}


def few_recipes(patch: pytest.MonkeyPatch) -> None:
    """Every winner is compared with those that are known, each of which takes half a second."""
    patch.setattr("agent.proposers.gates.known.RECIPES", SOME)


def few_workloads(patch: pytest.MonkeyPatch) -> None:
    """The two fastest, where a winner is tried on other tasks."""
    two = tuple(one for one in registry.workloads() if one.name in ("mlp", "tables"))
    patch.setattr("agent.verdict.transfer.workloads", lambda: two)


def known_keys(patch: pytest.MonkeyPatch) -> None:
    """What close comparisons come to depends on their instances; they are the same each time."""
    patch.setattr("agent.verdict.comparison_keys.draw", lambda: "test")


@contextmanager
def shared_workspace(factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty one, and the current folder, for a fixture that lives longer than a test.

    The fixtures of single tests come later, so what they patch is patched here as well.
    """
    folder = factory.mktemp("shared")
    (folder / "submissions").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for change in (few_recipes, few_workloads, known_keys):
            change(patch)
        yield folder
