"""Candidates: what they are learned from, and which of them becomes a trial."""

from collections.abc import Sequence

import numpy as np
import pytest

from agent.proposers.candidates import RANDOM, Candidates
from agent.proposers.prior import Prior
from agent.proposers.proposer import FAILED, Proposer, Seen
from agent.study.samplers import ROUNDS
from search_space.mutate import moved
from search_space.part import Structure
from search_space.spec import Spec, make_spec

LION = make_spec({"direction": {"part": "sign"}, "schedule": {"part": "cosine", "lr": 1e-2}})
SOAP = make_spec({"precondition": {"part": "soap"}, "direction": {"part": "muon"}})


def likes(spec: Spec, count: int) -> list[Spec]:
    """The same parts with other numbers."""
    draw = np.random.default_rng(0)
    return [spec, *(moved(spec, draw, 1.0, 0.1, "tables") for _ in range(count - 1))]


def of_values(*specs: Spec) -> Candidates:
    """With values 1, 2, 3 and so on, as those of trial 0."""
    candidates = Candidates()
    candidates.keep(0, [Seen(spec, (0.0, 1.0 + i)) for i, spec in enumerate(specs)])
    return candidates


class Told(Proposer):
    """Proposes at random, and keeps how much it was shown."""

    def __init__(self) -> None:
        self.shown: list[int] = []

    def propose(
        self, seen: Sequence[Seen], structure: Structure, draw: np.random.Generator, count: int = 1
    ) -> list[Spec]:
        self.shown.append(len(seen))
        return Prior().propose(seen, structure, draw, count)


class Screen:
    count = 8

    def measured(self, specs: Sequence[Spec]) -> list[Seen]:
        return [Seen(spec, (0.0, 1.0)) for spec in specs]


def test_after_the_random_ones_each_round_learns_from_all_before_it() -> None:
    candidates, proposer, draw = Candidates(), Told(), np.random.default_rng(0)
    for trial in range(4):
        measured = candidates.searched(trial, proposer, "tables", draw, Screen())
        assert len(measured) == ROUNDS * Screen.count
        candidates.keep(trial, measured)
    assert proposer.shown == list(range(RANDOM, 4 * ROUNDS * Screen.count, Screen.count))


def test_the_best_is_run_first_and_none_twice() -> None:
    first, second, third = likes(LION, 3)
    candidates = of_values(first, second, third)
    assert candidates.promising(0, []) == first
    assert candidates.promising(0, [first]) == second
    assert candidates.promising(0, [first, second]) == third
    assert candidates.promising(0, [first, second, third]) is None


@pytest.mark.parametrize(("tried", "chosen"), [(1, "another"), (3, "another"), (4, "soap")])
def test_each_trial_with_the_same_parts_doubles_a_place(tried: int, chosen: str) -> None:
    """After n trials of LION's parts its next candidate has place 2^n, and SOAP place 14 - n."""
    lions = likes(LION, 13)
    candidates = of_values(*lions, SOAP)
    expected = SOAP if chosen == "soap" else lions[tried]
    assert candidates.promising(0, lions[:tried]) == expected


def test_parts_in_common_with_trials_that_were_no_candidates_count_as_well() -> None:
    lions = likes(LION, 8)
    candidates = of_values(*lions[:3], SOAP)
    assert candidates.promising(0, lions[3:]) == SOAP


def test_a_failed_one_is_not_run() -> None:
    candidates = Candidates()
    candidates.keep(0, [Seen(LION, FAILED), Seen(SOAP, (0.0, 5.0))])
    assert candidates.promising(0, []) == SOAP
    assert candidates.promising(0, [SOAP]) is None
