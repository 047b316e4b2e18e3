"""What the benchmark of searches makes of its trials."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from agent.proposers.proposer import Seen
from agent.search.screening import Screening
from search_space.spec import Spec
from searches.arms import ARMS
from searches.cases import CASES, Case, case
from searches.outcome import Outcome, Row, Search, read, write
from searches.summary import interval, plot, summary


class First:
    """A screen that takes the first of three."""

    count, spent_s = 3, 0.0
    searched = True

    def measured(self, specs: Sequence[Spec]) -> list[Seen]:
        assert len(specs) == 3
        return [Seen(spec, (0.0, float(place))) for place, spec in enumerate(specs)]


FIRST = cast(Screening, First())
CASE = Case("mqar", "half", 4, 3, (5.0,))


def search(arm: str, seed: int, *values: float | None) -> Search:
    rows = tuple(Row(value, 10.0, 1.0, {"phases": []}) for value in values)
    return Search(arm, "mqar", "half", seed, rows)


def test_a_level_is_reached_by_the_first_trial_at_or_below_it() -> None:
    found = search("tpe", 0, None, 9.0, 5.0, 2.0)
    assert found.reached(5.0) == (3, 33.0)
    assert found.reached(1.0) is None
    assert (found.best(1), found.best(2), found.best(9)) == (None, 9.0, 2.0)


def test_steps_reach_the_level_of_their_number() -> None:
    """A value has a share of the loss beside the steps."""
    assert search("tpe", 0, 6.2, 5.9).reached(5.0) == (2, 22.0)
    assert search("tpe", 0, 6.2).reached(5.0) is None


def test_searches_are_kept_in_files(tmp_path: Path) -> None:
    kept = [search("random", 1, 3.0), search("tpe", 0, None, 4.0)]
    for one in kept:
        write(one, tmp_path)
    assert list(read(tmp_path)) == kept


@pytest.mark.processes  # the first plot on a machine looks for fonts
def test_the_table_counts_a_missed_level_as_last(tmp_path: Path) -> None:
    long = Case("mqar", "half", 25, 3, (5.0, 1.0))
    found = [search("tpe", 0, 4.0), search("tpe", 1, 7.0, 5.0), search("tpe", 2, None)]
    text = summary(long, [*found, search("random", 0, 3.0)])
    best, worst = text.splitlines()[-2:]
    assert best.startswith("| random | 1 | 3 [3, 3] | 1 trial, 11 s (1/1) | - (0/1)")
    assert worst.startswith("| tpe | 3 | 5 [4, inf] | 2 trials, 22 s (2/3) | - (0/3)")
    plot([(long, found)], tmp_path / "plot.svg")
    assert "tpe" in (tmp_path / "plot.svg").read_text()


def test_the_interval_of_a_median_has_it_inside() -> None:
    values = [1.0, 2.0, 3.0, 4.0, math.inf]
    low, high = interval(values)
    assert low <= 3.0 <= high
    assert interval([2.0, 2.0]) == (2.0, 2.0)


@pytest.mark.parametrize("name", [name for name in ARMS if name != "smac"])
def test_arms_propose_and_learn_also_of_failures(name: str) -> None:
    arm = ARMS[name](0, "tables", 12, FIRST)
    proposed = []
    for number in range(12):
        proposed.append(arm.propose().identifier)
        failed = number % 5 == 0
        arm.learn(Outcome(None if failed else 100.0 - number, ranked_last=number % 2 == 0))
    assert len(set(proposed)) == 12
    again = ARMS[name](0, "tables", 12, FIRST)
    assert again.propose().identifier == proposed[0]
    if name != "random":
        assert proposed[11] != _random(11)
    assert (proposed[9] == _random(9)) is not name.startswith(("screened", "ours"))


def _random(number: int) -> str:
    arm = ARMS["random"](0, "tables", 12)
    for _ in range(number):
        arm.propose()
        arm.learn(Outcome(1.0))
    return arm.propose().identifier


def test_every_case_is_found_by_its_name() -> None:
    assert all(case(one.name) is one for one in CASES)
    with pytest.raises(ValueError, match="no case 'mqar/tiny'; there are: mqar/half"):
        case("mqar/tiny")
