"""How many candidates are screened for a trial, and what is said where none can be."""

from collections.abc import Mapping
from typing import Any

import pytest

from agent.cli.studies import screened
from agent.study.errors import UserError
from tracks.registry import get_track


@pytest.mark.parametrize(
    ("track", "scale", "asked", "count"),
    [
        ("random_teacher", "full", {}, 8),
        ("random_teacher", "half", {"screen": 3}, 3),
        ("random_teacher", "full", {"sampler": "bandit"}, 8),
        ("random_teacher", "full", {"sampler": "tpe"}, 1),
        ("random_teacher", "full", {"tuned": "adamw"}, 1),
        ("random_teacher", "eighth", {}, 1),
        ("random_teacher", "small", {}, 1),
        ("mqar", "small", {"screen": 1}, 1),
    ],
)
def test_trials_are_screened_where_a_smaller_run_can(
    track: str, scale: str, asked: Mapping[str, Any], count: int
) -> None:
    assert screened(asked, get_track(track), scale) == count


@pytest.mark.parametrize(
    ("track", "scale", "sampler", "why"),
    [
        ("random_teacher", "small", "forest", "quarter, which would screen them, is not smaller"),
        ("mqar", "small", "forest", "begin at the scale that would screen them"),
        ("mqar", "full", "tpe", "choose forest, parzen, evolution, bandit"),
    ],
)
def test_a_screen_in_vain_is_refused(track: str, scale: str, sampler: str, why: str) -> None:
    with pytest.raises(UserError, match=why):
        screened({"screen": 4, "sampler": sampler}, get_track(track), scale)
