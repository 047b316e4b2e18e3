"""Candidates are ranked again by how the trials among them, and others like these, came out."""

from statistics import NormalDist

import numpy as np
import pytest

from agent.knowledge.tried import parts_in
from agent.proposers.discrepancy import DOUBT, corrected
from agent.proposers.diversity import NEARNESS
from agent.proposers.proposer import FAILED, RUNNING, Seen, ranked
from search_space.mutate import moved
from search_space.spec import Spec, make_spec

LION = make_spec({"direction": {"part": "sign"}, "schedule": {"part": "cosine", "lr": 1e-2}})
SOAP = make_spec({"precondition": {"part": "soap"}, "direction": {"part": "muon"}})
STOPPED = (1.0, 3.0)


def numbered(spec: Spec, count: int) -> list[Spec]:
    """The same parts with other numbers."""
    draw = np.random.default_rng(0)
    return [spec, *(moved(spec, draw, 1.0, 0.1, "tables") for _ in range(count - 1))]


LIONS, SOAPS = numbered(LION, 4), numbered(SOAP, 4)
CANDIDATES = [Seen(spec, (0.0, 1.0 + i), i / 8) for i, spec in enumerate([*LIONS, *SOAPS])]
"""The screen has all lions before all others."""


def order(*tried: tuple[Spec, tuple[float, float]]) -> list[Spec]:
    return [
        one.spec for one in ranked(corrected(CANDIDATES, [Seen(spec, at) for spec, at in tried]))
    ]


def test_without_trials_the_screen_decides() -> None:
    assert order() == [*LIONS, *SOAPS]
    assert order((LIONS[0], (0.0, 9.0))) == [*LIONS, *SOAPS]


def test_a_trial_that_came_out_worse_takes_its_kind_with_it() -> None:
    bad = (LIONS[0], (0.0, 9.0)), (SOAPS[0], (0.0, 1.0))
    assert order(*bad) == [*SOAPS, *LIONS]
    good = (LIONS[0], (0.0, 1.0)), (SOAPS[0], (0.0, 9.0))
    assert order(*good) == [*LIONS, *SOAPS]


@pytest.mark.parametrize("place", [RUNNING, STOPPED])
def test_what_has_climbed_nothing_tells_nothing(place: tuple[float, float]) -> None:
    assert order((LIONS[0], place), (SOAPS[0], (0.0, 1.0))) == [*LIONS, *SOAPS]


def test_what_failed_at_full_scale_is_the_worst() -> None:
    assert order((LIONS[0], FAILED), (SOAPS[0], (0.0, 1e9))) == [*SOAPS, *LIONS]


def test_what_failed_at_the_screen_stays_failed_and_losses_stay() -> None:
    failed = Seen(make_spec({"direction": {"part": "muon"}}), FAILED)
    tried = [Seen(LIONS[0], (0.0, 9.0)), Seen(SOAPS[0], (0.0, 1.0))]
    found = corrected([*CANDIDATES, failed], tried)
    assert found[-1] == failed
    assert [one.last_loss for one in found[:-1]] == [one.last_loss for one in CANDIDATES]


def test_the_formula() -> None:
    """Two trials exchange their scores; a third candidate has its share of each difference."""
    third = make_spec({"direction": {"part": "sign"}, "precondition": {"part": "soap"}})
    candidates = [Seen(LION, (0.0, 1.0)), Seen(SOAP, (0.0, 2.0)), Seen(third, (0.0, 3.0))]
    found = corrected(candidates, [Seen(LION, (0.0, 7.0)), Seen(SOAP, (0.0, 5.0))])
    z = [NormalDist().inv_cdf((rank + 0.5) / 3) for rank in range(3)]
    own = parts_in(third)
    weights = [
        (len(own & parts_in(spec)) / len(own | parts_in(spec))) ** NEARNESS for spec in (LION, SOAP)
    ]
    assert min(weights) > 0
    differences = [z[1] - z[0], z[0] - z[1]]
    pull = sum(w * d for w, d in zip(weights, differences, strict=True))
    assert found[2].place[1] == pytest.approx(z[2] + pull / (DOUBT + sum(weights)))
