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
    ("track", "count", "said"),
    [
        ("random_teacher", 8, "is one of the best candidates at scale three_eighths, whose runs"),
        ("mqar", 8, "is the best of 8 candidates at scale tiny, whose runs"),
        ("mqar", 1, ""),
    ],
)
def test_how_sampled_trials_came_about_is_said(track: str, count: int, said: str) -> None:
    settings = Settings(track, "final", 50, 7, 13, "full", screen=count)
    trial = SimpleNamespace(proposal=SimpleNamespace(origin=Origin.SAMPLED))
    report = SimpleNamespace(settings=settings, track=get_track(track), trials=[trial])
    line = screened(cast(Report, report))
    assert said in line
    assert bool(line) == bool(said)
