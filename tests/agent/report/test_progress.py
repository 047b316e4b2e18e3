"""What a report says of the search."""

from types import SimpleNamespace
from typing import cast

import pytest

from agent.report.data import Report
from agent.report.sections.progress import screened
from agent.study.records import Origin
from agent.study.settings import Settings
from tracks.registry import get_track


@pytest.mark.parametrize(
    ("track", "recipes", "count", "said"),
    [
        ("random_teacher", False, 8, "is one of the best candidates at scale short, whose runs"),
        ("random_teacher", True, 8, "the best of 8 candidates at scale three_eighths, whose runs"),
        ("mqar", False, 8, "is one of the best candidates at scale quarter, whose runs"),
        ("mqar", False, 1, ""),
    ],
)
def test_how_sampled_trials_came_about_is_said(
    track: str, recipes: bool, count: int, said: str
) -> None:
    settings = Settings(track, "final", 50, 7, 13, "full", screen=count, recipes=recipes)
    trial = SimpleNamespace(proposal=SimpleNamespace(origin=Origin.SAMPLED))
    report = SimpleNamespace(settings=settings, track=get_track(track), trials=[trial])
    line = screened(cast(Report, report))
    assert said in line
    assert bool(line) == bool(said)
