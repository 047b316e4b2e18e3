"""Diversity: what was tried holds specs with the same parts back, and copies count once."""

import pytest

from agent.knowledge.tried import parts_in
from agent.proposers.diversity import all_in_common, best, in_common, is_copy, unlike
from agent.proposers.proposer import FAILED, Seen
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


def test_thousands_of_trials_can_be_counted() -> None:
    ranked = [*LIONS[4:], SOAP]
    assert unlike(ranked, [LIONS[0]] * 2000) == SOAP


@pytest.mark.parametrize(
    ("one", "other", "kept"),
    [
        (LIONS[0], LIONS[1], [LIONS[0]]),
        # a result that both have by chance
        (LIONS[0], SOAP, [LIONS[0], SOAP]),
    ],
)
def test_of_the_copies_of_a_spec_the_first_counts(one: Spec, other: Spec, kept: list[Spec]) -> None:
    seen = [Seen(LIONS[2], (0.0, 3.0)), Seen(one, (0.0, 1.0)), Seen(other, (0.0, 1.0))]
    assert best(seen, 3) == [*kept, LIONS[2]]
    assert best(seen, 2) == [*kept, LIONS[2]][:2]


def test_a_second_phase_as_the_first_makes_a_copy() -> None:
    phase = LIONS[0].phases[0].to_json()
    twice = make_spec({"phases": [phase, phase | {"from": 0.4}]})
    assert is_copy(Seen(LIONS[0], (0.0, 1.0)), Seen(twice, (0.0, 1.0)))


def test_the_best_is_first_also_where_places_are_corrected() -> None:
    """The second has the loss of none, and the third that of the first."""
    seen = [Seen(LIONS[0], (0.0, -2.0), 1.0), Seen(LIONS[1], (0.0, -1.0), 2.0)]
    seen += [Seen(SOAP, (0.0, 0.0), 1.0)]
    assert best(seen, 3) == [LIONS[0], LIONS[1], SOAP]


def test_failures_have_no_children() -> None:
    assert best([Seen(LIONS[0], FAILED), Seen(SOAP, (0.5, 9.0))], 5) == [SOAP]


def test_many_shares_are_those_of_two() -> None:
    parts = [parts_in(spec) for spec in random_specs(20, 3, "tables")]
    shares = all_in_common(parts[:12], parts[8:])
    assert [[in_common(one, other) for other in parts[8:]] for one in parts[:12]] == shares.tolist()
    assert all_in_common(parts, []).shape == (20, 0)


def test_many_trials_of_some_of_its_parts_do_not_hold_a_spec_back() -> None:
    """A third in common with each of forty, which would be 13 powers of two."""
    other = make_spec({"direction": {"part": "sign"}, "schedule": {"part": "linear", "lr": 0.001}})
    assert unlike([*LIONS, SOAP], [other] * 40) == LIONS[0]
