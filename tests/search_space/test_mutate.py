"""Specs changed a little are valid specs, near to what they came from."""

import numpy as np
import optuna
import pytest

from search_space.mutate import Drawn, at_share, crossed, mutated, neighbour, share
from search_space.prior import ranges
from search_space.recipes import RECIPES
from search_space.registry import KINDS, PHASE_KINDS, RUN_KINDS
from search_space.sample import sample_spec, trial_params
from search_space.spec import Spec, make_spec
from search_space.walk import Place, can_sample, walk


def changes(one: Spec, other: Spec) -> int:
    """Kinds whose choice differs, in the run and the first phase."""
    pairs = [*zip(one.run.choices, other.run.choices, strict=True)]
    pairs += zip(one.phases[0].choices, other.phases[0].choices, strict=True)
    return sum(a != b for a, b in pairs)


@pytest.mark.parametrize("name", RECIPES)
def test_nothing_changes_at_a_rate_of_zero(name: str) -> None:
    spec = RECIPES[name]
    assert mutated(spec, np.random.default_rng(0), 0.0, "any") == spec


def test_more_changes_at_a_higher_rate() -> None:
    draw, spec = np.random.default_rng(1), RECIPES["track3_record"]
    few = [changes(mutated(spec, draw, 0.05, "any"), spec) for _ in range(50)]
    many = [changes(mutated(spec, draw, 0.5, "any"), spec) for _ in range(50)]
    assert 0 < np.mean(few) < 3 < np.mean(many)


def test_a_neighbour_has_one_choice_or_number_changed() -> None:
    draw, changed = np.random.default_rng(6), list[str]()
    parents = [walk(Drawn(draw), "any") for _ in range(300)]
    for spec in parents:
        child = neighbour(spec, draw, "any")
        if len(child.phases) != len(spec.phases):
            assert len(child.phases) == 1, "a second one would be a copy of the first"
            changed.append("phases")
            continue
        phases = range(len(spec.phases))
        places = [Place(kind, None) for kind in RUN_KINDS]
        places += [Place(kind, phase) for phase in phases for kind in PHASE_KINDS]
        places = [place for place in places if place.of(child) != place.of(spec)]
        parts = [place for place in places if place.of(child).part != place.of(spec).part]
        if not parts and places:
            before, after = (dict(places[0].of(one).params) for one in (spec, child))
            assert len(places) == 1
            assert sum(before[name] != after[name] for name in before) == 1
        changed += [place.kind.name for place in parts[:1]]
    assert len(set(changed)) > len(KINDS) / 2
    assert "phases" in changed
    assert 50 < len(changed) < 250, "some numbers, some parts"


def test_children_can_be_sampled() -> None:
    draw = np.random.default_rng(2)
    parents = [spec for spec in RECIPES.values() if can_sample(spec, "tables")]
    parents += [walk(Drawn(draw), "tables") for _ in range(20)]
    study = optuna.create_study()
    for _ in range(60):
        one, other = (parents[i] for i in draw.integers(len(parents), size=2))
        mixed = mutated(crossed(one, other, draw), draw, 0.1, "tables")
        for child in (mixed, neighbour(one, draw, "tables")):
            assert can_sample(child, "tables")
            assert make_spec(child.to_json()) == child
            study.enqueue_trial(trial_params(child, "tables"))
            assert sample_spec(study.ask(), "tables") == child


def test_a_child_has_its_choices_from_its_parents() -> None:
    one, other = RECIPES["adamw"], RECIPES["track3_record"]
    draw = np.random.default_rng(3)
    for _ in range(20):
        child = crossed(one, other, draw)
        for kind, choice in child.phases[0].choices:
            assert choice in (one.phases[0][kind], other.phases[0][kind])


def test_phases_are_added_and_dropped() -> None:
    draw = np.random.default_rng(4)
    single = RECIPES["adamw"]
    longer = next(
        child for _ in range(200) if len((child := mutated(single, draw, 0.2, "any")).phases) == 2
    )
    assert changes(longer, make_spec({"phases": [longer.phases[1].to_json()]})) < 12
    assert any(len(mutated(longer, draw, 0.5, "any").phases) == 1 for _ in range(50))


def test_shares_of_ranges_go_both_ways() -> None:
    for kind in KINDS:
        for name, param, low, high in ranges(kind):
            for part in (0.0, 0.25, 1.0):
                value = at_share(part, param, low, high)
                assert low <= value <= high
                assert share(value, param, low, high) == pytest.approx(part, abs=1e-6), name
