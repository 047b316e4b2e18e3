"""Species: most rounds are within one of them."""

import numpy as np
import pytest

from agent.proposers.evolution import Evolution
from agent.proposers.forest import Forest, predicted
from agent.proposers.parzen import Parzen
from agent.proposers.prior import Prior
from agent.proposers.proposer import FAILED, Proposer, Seen
from agent.proposers.species import LEAST, is_known, rarest, species
from search_space.mutate import Drawn
from search_space.part import Structure
from search_space.spec import Spec, make_spec
from search_space.walk import walk


def of(coordinates: str, count: int, first: float) -> list[Seen]:
    """Specs of one species, with values from `first` on."""
    return [
        Seen(
            make_spec({"coordinates": {"part": coordinates}, "schedule": {"lr": 0.001 * (i + 1)}}),
            (0.0, first + i),
        )
        for i in range(count)
    ]


@pytest.mark.parametrize(("structure", "names"), [("attention", 4), ("tables", 3), ("any", 5)])
def test_each_kind_of_coordinates_of_a_model_has_its_turn(structure: Structure, names: int) -> None:
    seen = list[Seen]()
    for _ in range(names):
        name = rarest(seen, structure)
        assert name
        seen += of(name, 1, 1.0)
    assert len({species(one.spec) for one in seen}) == names


def test_a_species_is_known_by_specs_that_did_not_fail() -> None:
    few = [*of("product", LEAST - 1, 1.0), *of("given", 20, 1.0)]
    failed = make_spec({"coordinates": {"part": "product"}})
    assert not is_known(few, "product")
    assert not is_known([*few, Seen(failed, FAILED)], "product")
    assert is_known([*few, Seen(failed, (0.0, 9.0))], "product")


@pytest.mark.parametrize("proposer", [Forest(), Evolution(), Parzen(), Prior()])
def test_what_is_proposed_within_a_species_belongs_to_it(proposer: Proposer) -> None:
    """Though all others are better."""
    seen = [*of("given", 30, 1.0), *of("product", 10, 100.0)]
    for within in ("product", "given"):
        specs = proposer.propose(seen, "attention", np.random.default_rng(0), 8, within)
        assert [species(spec) for spec in specs] == [within] * 8


def test_within_a_species_a_child_has_choices_of_the_best_of_all() -> None:
    """A schedule that no other spec of its species has, far more often than by mutation."""
    lead = {"schedule": {"part": "lognormal", "lr": 0.01, "peak": 0.1, "sigma": 1.0}}
    best = [Seen(make_spec(lead), (0.0, 0.5 + 0.01 * i)) for i in range(5)]
    seen, draw = of("product", 10, 100.0), np.random.default_rng(0)
    children = {
        crossed: Evolution().propose(trials, "attention", draw, 800, "product")
        for crossed, trials in ((False, seen), (True, [*best, *seen]))
    }
    counts = {
        crossed: sum(spec.phases[-1]["schedule"].part == "lognormal" for spec in specs)
        for crossed, specs in children.items()
    }
    assert counts[True] > 3 * counts[False]


def with_momentum(coordinates: str, part: str, count: int) -> list[Spec]:
    """Random specs of a species that have this momentum."""
    draw, found = Drawn(np.random.default_rng(len(part))), list[Spec]()
    while len(found) < count:
        spec = walk(draw, "attention", coordinates=coordinates)
        if spec.phases[0]["momentum"].part == part:
            found.append(spec)
    return found


def test_within_a_species_the_forest_learns_from_it_more_than_from_others() -> None:
    """Nesterov's momentum is better than none there, and in six times as many others worse."""
    own = [with_momentum("product", part, 16) for part in ("nesterov", "none")]
    others = [with_momentum("given", part, 48) for part in ("none", "nesterov")]
    seen = [
        Seen(spec, (0.0, 100.0 * group + i))
        for group, specs in enumerate([others[0], own[0][:8], own[1][:8], others[1]])
        for i, spec in enumerate(specs)
    ]
    asked = [*own[0][8:], *own[1][8:]]
    gaps = {}
    for within in ("product", "given"):
        mean, _ = predicted(seen, asked, 0, within)
        gaps[within] = mean[8:].mean() - mean[:8].mean()
    assert gaps["given"] < 0 < gaps["product"], gaps


@pytest.mark.parametrize(("second", "name"), [("product", "product"), ("given", None)])
def test_a_spec_that_changes_coordinates_is_of_no_species(second: str, name: str | None) -> None:
    phases = [{"coordinates": {"part": part}} for part in ("product", second)]
    phases[1]["from"] = 0.5  # type: ignore[assignment]
    assert species(make_spec({"phases": phases})) == name


def test_the_turn_is_of_the_species_that_is_seen_least() -> None:
    seen = [*of("given", 3, 1.0), *of("factors", 2, 1.0), *of("balanced", 2, 1.0)]
    assert rarest(seen, "attention") == "product"
    assert rarest([*seen, *of("product", 3, 1.0)], "attention") == "factors"
