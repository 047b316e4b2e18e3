"""Optuna's trials map onto specs and back, and what is sampled is varied."""

import optuna
import pytest

from search_space.part import Structure
from search_space.recipes import RECIPES
from search_space.registry import get_kind
from search_space.sample import record, sample_spec, trial_params
from search_space.spec import Spec, make_spec
from search_space.walk import can_sample

STRUCTURES: tuple[Structure, ...] = ("any", "attention", "tables")


def draw(seed: int, structure: Structure, count: int) -> list[Spec]:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    return [sample_spec(study.ask(), structure) for _ in range(count)]


@pytest.mark.parametrize("structure", STRUCTURES)
def test_recipes_are_what_their_trials_sample(structure: Structure) -> None:
    study = optuna.create_study()
    specs = [spec for spec in RECIPES.values() if can_sample(spec, structure)]
    assert len(specs) >= 9
    for spec in specs:
        study.enqueue_trial(trial_params(spec, structure))
    for spec in specs:
        assert sample_spec(study.ask(), structure) == spec


@pytest.mark.parametrize("structure", STRUCTURES)
def test_sampled_specs_can_be_queued_again(structure: Structure) -> None:
    specs = draw(3, structure, 40)
    study = optuna.create_study()
    for spec in specs:
        study.enqueue_trial(trial_params(spec, structure))
    assert [sample_spec(study.ask(), structure) for _ in specs] == specs


def test_a_number_at_the_end_of_its_range_is_in_what_it_is_drawn_from() -> None:
    # 1 - 0.9999 is less than 0.0001
    spec = make_spec({"direction": {"part": "shampoo", "beta2": 0.9999}})
    recorded = record(spec)
    for name, drawn_from in recorded.distributions.items():
        stored = drawn_from.to_internal_repr(recorded.params[name])
        assert drawn_from._contains(stored), name  # noqa: SLF001


def test_what_cannot_be_sampled_is_refused() -> None:
    three = make_spec({"phases": [{}, {"from": 0.2}, {"from": 0.4}]})
    assert not can_sample(three, "any")
    with pytest.raises(ValueError, match="one or two phases"):
        trial_params(three)
    assert not can_sample(RECIPES["product_space"], "tables")
    with pytest.raises(ValueError, match="product cannot be sampled"):
        trial_params(RECIPES["product_space"], "tables")
    fast = make_spec({"schedule": {"lr": 50.0}})
    with pytest.raises(ValueError, match="50 is outside the sampled range"):
        trial_params(fast)


def test_sampling_repeats_with_its_seed_and_is_varied() -> None:
    assert draw(1, "any", 20) == draw(1, "any", 20)
    assert draw(1, "any", 20) != draw(2, "any", 20)
    many = draw(1, "any", 400)
    directions = {spec.phases[0]["direction"].part for spec in many}
    assert directions == {part.name for part in get_kind("direction").parts}
    assert 0.2 < sum(len(spec.phases) == 2 for spec in many) / len(many) < 0.4
    assert {spec.phases[0]["schedule"]["warmup"] == 0 for spec in many} == {True, False}


def test_parts_without_effect_are_not_offered() -> None:
    for spec in draw(4, "tables", 100):
        assert all(
            phase["coordinates"].part not in ("product", "balanced") for phase in spec.phases
        )
    assert all(spec.run["readout"].part == "trained" for spec in draw(4, "attention", 100))
