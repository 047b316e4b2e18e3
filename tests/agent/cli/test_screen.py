"""How many candidates are screened for a trial, and what is said where none can be."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from agent.cli.studies import created, screened
from agent.study.errors import UserError
from agent.study.ladder import screen_of, screen_scale
from agent.study.ledger import Ledger
from agent.study.workspace import Workspace
from tracks.base import Proxy
from tracks.registry import get_track


@pytest.mark.parametrize(
    ("track", "scale", "asked", "count"),
    [
        ("random_teacher", "full", {}, 8),
        ("random_teacher", "full", {"screen": 3}, 3),
        ("random_teacher", "half", {}, 1),
        ("random_teacher", "short", {}, 1),
        ("random_teacher", "full", {"sampler": "bandit"}, 8),
        ("random_teacher", "full", {"sampler": "tpe"}, 1),
        ("random_teacher", "full", {"tuned": "adamw"}, 1),
        ("random_teacher", "eighth", {}, 1),
        ("random_teacher", "small", {}, 1),
        ("random_teacher", "three_eighths", {}, 1),
        ("mqar", "small", {"screen": 1}, 1),
    ],
)
def test_trials_are_screened_where_a_smaller_run_can(
    track: str, scale: str, asked: Mapping[str, Any], count: int
) -> None:
    assert screened(asked, get_track(track), scale) == count


@pytest.mark.parametrize(("recipes", "count"), [(True, 1), (False, 8)])
def test_the_only_rung_screens_where_it_stops_nothing(
    recipes: bool, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    track = get_track("mqar")
    monkeypatch.setattr(track, "proxies", {"full": (Proxy("quarter", 1 / 3),)})
    assert screened({"recipes": recipes}, track, "full") == count


@pytest.mark.parametrize(
    ("track", "scale", "sampler", "why"),
    [
        ("random_teacher", "small", "forest", "begin at the scale that would screen them"),
        ("random_teacher", "half", "forest", "short, which would screen them, is not"),
        ("mqar", "small", "forest", "begin at the scale that would screen them"),
        ("mqar", "full", "tpe", "choose forest, parzen, evolution, bandit"),
    ],
)
def test_a_screen_in_vain_is_refused(track: str, scale: str, sampler: str, why: str) -> None:
    with pytest.raises(UserError, match=why):
        screened({"screen": 4, "sampler": sampler}, get_track(track), scale)


@pytest.mark.parametrize(
    ("asked", "rungs"),
    [
        ({}, ["three_eighths", "short"]),
        ({"recipes": False}, ["short"]),
        ({"recipes": False, "screen": 1}, ["three_eighths", "short"]),
    ],
)
def test_a_trial_begins_at_the_scale_that_screened_it(
    workspace_folder: Path, asked: Mapping[str, Any], rungs: Sequence[str]
) -> None:
    asked = {"track": "random_teacher", **asked}
    settings = created(Ledger(Workspace(workspace_folder)), "a", asked, None).settings
    assert [rung.scale for rung in settings.ladder] == rungs
    assert screen_of(settings) in (rungs[0], None)


@pytest.mark.parametrize(
    ("track", "recipes", "screen"),
    [
        ("random_teacher", True, "three_eighths"),
        ("random_teacher", False, "short"),
        ("mqar", True, "quarter"),
        ("mqar", False, "quarter"),
    ],
)
def test_recipes_are_varied_where_a_run_costs_least(track: str, recipes: bool, screen: str) -> None:
    assert screen_scale(get_track(track), "full", recipes=recipes) == screen
