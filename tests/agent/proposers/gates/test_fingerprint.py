"""Which known optimizer a submission is nearest to, by its updates."""

from pathlib import Path

import pytest

from agent.proposers.gates.fingerprint import (
    SAME,
    Fingerprint,
    Neighbour,
    compared,
    fingerprints,
    nearer,
    nearest,
    nearest_published,
)
from agent.study.evaluation_store import EvaluationStore
from agent.study.executor import Executor
from agent.study.local_executor import LocalExecutor
from helpers import sources
from search_space.recipes import RECIPES
from search_space.render import render
from tracks.isolation.launcher import Launcher
from tracks.probe import PROBES
from tracks.registry import all_tracks, get_track
from tracks.submission import Submission

ADAM = """
import torch

class Submission(torch.optim.Adam):
    def __init__(self, params):
        super().__init__(params, lr=0.02)
"""


@pytest.fixture
def executor(launcher: Launcher, workspace_folder: Path) -> Executor:
    return LocalExecutor(launcher, 2, EvaluationStore(workspace_folder / "evaluations"))


def test_a_disguised_copy_is_recognised(executor: Executor) -> None:
    copy, slower, other, adamw, lion = fingerprints(
        executor,
        [
            Submission(sources.DISGUISED.replace("SPEED", "1e-2")),
            Submission(sources.DISGUISED.replace("SPEED", "1e-3")),
            Submission(sources.GRADIENT_DESCENT),
            Submission(sources.TORCH_ADAMW),
            Submission(render(RECIPES["lion"], 400)),
        ],
    )
    known = [("adamw", adamw), ("lion", lion)]
    found = nearest(copy, known)
    assert found is not None
    assert (found.name, found.verdict) == ("adamw", "does the same as")
    assert found.distance < SAME
    found = nearest(slower, known)
    assert found is not None
    assert (found.name, found.verdict) == ("adamw", "differs only in its step size from")
    found = nearest(other, known)
    assert found is not None
    assert found.verdict == "is unlike all; the nearest is"
    assert Neighbour("adamw", 5e-3, 4e-3).verdict == "does nearly the same as"


def test_a_published_optimizer_is_recognised_at_another_step_size(executor: Executor) -> None:
    adam = Submission(ADAM)
    for probes in (PROBES, PROBES[1:]):
        found = nearest_published(executor, adam, probes)
        assert found is not None
        assert (found.name, found.verdict) == (
            "torch.optim.Adam",
            "differs only in its step size from",
        )
    recipe = Neighbour("recipe adamw", 0.5, 0.4)
    assert nearer(recipe, found) == found
    assert nearer(recipe, None) == recipe


def test_a_copy_is_found_among_other_step_sizes() -> None:
    """Where rounding makes the direction of another one nearer."""
    ours: Fingerprint = ((1.0, 2.0),)
    known: list[tuple[str, Fingerprint]] = [("half", ((0.5, 1.0),)), ("equal", ((1.0, 2.0002),))]
    for among in (known, known[::-1]):
        found = nearest(ours, among)
        assert found is not None
        assert (found.name, found.verdict) == ("equal", "does the same as")
    found = nearest(ours, known[:1])
    assert found is not None
    assert (found.name, found.verdict) == ("half", "differs only in its step size from")


def test_what_fails_on_a_probe_is_like_nothing_that_does_not() -> None:
    whole: Fingerprint = ((1.0, 2.0), (1.0, 1.0))
    half: Fingerprint = ((1.0, 2.0), None)
    assert compared("half", whole, half) is None
    same = compared("half", half, half)
    assert same is not None
    assert same.distance == 0


def test_probes_are_no_tracks() -> None:
    assert not any(name.startswith("probe") for name in all_tracks())
    assert get_track("probe_attention").structure == "attention"
