"""Diversity: what was tried holds specs with the same parts back."""

import pytest

from agent.proposers.diversity import unlike
from search_space.sample import random_specs
from search_space.spec import Spec, make_spec


def lion(lr: float) -> Spec:
    return make_spec({"direction": {"part": "sign"}, "schedule": {"part": "cosine", "lr": lr}})


SOAP = make_spec({"precondition": {"part": "soap"}, "direction": {"part": "muon"}})
LIONS = [lion(0.001 * (1 + i)) for i in range(16)]


@pytest.mark.parametrize(("tried", "soap"), [(0, False), (3, False), (4, True)])
def test_one_of_other_parts_goes_before_the_likes_of_what_was_tried(tried: int, soap: bool) -> None:
    """Places of the likes after n of them: 2^n and more; the other's is 13."""
    ranked = [*LIONS[4:], SOAP]
    assert unlike(ranked, LIONS[:tried]) == (SOAP if soap else LIONS[4])


def test_the_best_is_first_where_nothing_was_tried() -> None:
    ranked = random_specs(30, 1, "tables")
    assert unlike(ranked, []) == ranked[0]
    assert unlike([], ranked) is None


def test_the_first_of_equals_is_taken() -> None:
    assert unlike([LIONS[0], SOAP], [LIONS[1]]) == LIONS[0], "2 and 2"
    assert unlike([LIONS[0], SOAP], LIONS[1:3]) == SOAP
