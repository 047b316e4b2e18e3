"""Species: half of the rounds are within one of them."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from agent.proposers.evolution import Evolution
from agent.proposers.forest import Forest
from agent.proposers.parzen import Parzen
from agent.proposers.prior import Prior
from agent.proposers.proposer import FAILED, Proposer, Seen
from agent.proposers.species import APART, LEAST, species, turn
from search_space.spec import make_spec

ROUNDS = 400


def of(coordinates: str, count: int, first: float) -> list[Seen]:
    """Specs of one species, with values from `first` on."""
    return [
        Seen(
            make_spec({"coordinates": {"part": coordinates}, "schedule": {"lr": 0.001 * (i + 1)}}),
            (0.0, first + i),
        )
        for i in range(count)
    ]


def turns(seen: Sequence[Seen]) -> Counter[str | None]:
    draw = np.random.default_rng(0)
    return Counter(turn(seen, draw) for _ in range(ROUNDS))


def test_half_of_the_rounds_are_within_one_species_the_worst_as_often_as_the_best() -> None:
    rounds = turns([*of("given", 40, 1.0), *of("product", LEAST, 100.0)])
    assert set(rounds) == {None, "given", "product"}
    for alone in ("given", "product"):
        expected = ROUNDS * APART / 2
        # three standard deviations of a binomial count
        assert abs(rounds[alone] - expected) < 3 * expected**0.5


def test_a_species_of_few_specs_has_no_rounds_of_its_own() -> None:
    few = [*of("product", LEAST - 1, 1.0), Seen(make_spec({}), FAILED)]
    assert set(turns([*of("given", 20, 1.0), *of("factors", 20, 1.0), *few])) == {
        None,
        "given",
        "factors",
    }


def test_where_there_is_one_species_all_rounds_are_of_all() -> None:
    assert set(turns(of("given", 20, 1.0))) == {None}


@pytest.mark.parametrize("proposer", [Forest(), Evolution(), Parzen(), Prior()])
def test_what_is_proposed_within_a_species_belongs_to_it(proposer: Proposer) -> None:
    """Though all others are better."""
    seen = [*of("given", 30, 1.0), *of("product", 10, 100.0)]
    for within in ("product", "given"):
        specs = proposer.propose(seen, "attention", np.random.default_rng(0), 8, within)
        assert specs
        assert {species(spec) for spec in specs} == {within}


def test_within_a_species_a_child_has_choices_of_the_best_of_all() -> None:
    """A schedule that no other spec of its species has, far more often than by mutation."""
    lead = {"schedule": {"part": "lognormal", "lr": 0.01, "peak": 0.1, "sigma": 1.0}}
    best = [Seen(make_spec(lead), (0.0, 0.5))]
    seen, draw = of("product", 10, 100.0), np.random.default_rng(0)
    children = {
        crossed: Evolution().propose(trials, "attention", draw, 200, "product")
        for crossed, trials in ((False, seen), (True, [*best * 5, *seen]))
    }
    counts = {
        crossed: sum(spec.phases[-1]["schedule"].part == "lognormal" for spec in specs)
        for crossed, specs in children.items()
    }
    assert counts[True] > 3 * counts[False]


def test_the_species_of_a_spec_is_where_it_ends() -> None:
    phases = [{"coordinates": {"part": "product"}}, {"from": 0.5}]
    assert species(make_spec({"phases": phases})) == "given"
