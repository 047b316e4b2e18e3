"""Diversity: of many specs with the same parts only the first ones are taken."""

import pytest

from agent.proposers.diversity import diverse
from search_space.sample import random_specs
from search_space.spec import Spec, make_spec


def lion(lr: float) -> Spec:
    return make_spec({"direction": {"part": "sign"}, "schedule": {"part": "cosine", "lr": lr}})


SOAP = make_spec({"precondition": {"part": "soap"}, "direction": {"part": "muon"}})
LIONS = [lion(0.001 * (1 + i)) for i in range(12)]


def test_one_of_another_kind_is_taken_before_the_likes_of_the_best() -> None:
    """Places of the likes after n of them: (n + 1) 2^n; the other's is 13."""
    taken = diverse([*LIONS, SOAP], 4)
    assert taken == [LIONS[0], LIONS[1], LIONS[2], SOAP]


@pytest.mark.parametrize("count", [0, 1, 5, 40])
def test_the_best_is_first_and_each_is_taken_once(count: int) -> None:
    ranked = random_specs(30, 1, "tables")
    taken = diverse(ranked, count)
    assert taken[:1] == ranked[: min(count, 1)]
    assert len({spec.identifier for spec in taken}) == len(taken) == min(count, 30)


def test_what_was_tried_holds_its_likes_back() -> None:
    assert diverse([LIONS[0], SOAP], 1, [LIONS[1]]) == [LIONS[0]], "2 and 2: the first of equals"
    assert diverse([LIONS[0], SOAP], 1, LIONS[1:3]) == [SOAP]
    assert diverse([], 3) == []
