"""Specs: what they say, what is refused, and what is left when a part is taken away."""

from typing import Any

import pytest

from search_space.ablate import leave_one_out
from search_space.part import Param
from search_space.recipes import CHOICES, RECIPES
from search_space.registry import KINDS, PHASE_KINDS, RUN_KINDS
from search_space.render import render
from search_space.spec import Spec, make_spec

MUON = {"coordinates": {"part": "factors"}, "direction": {"part": "muon"}}


def test_equal_specs_have_equal_identifiers_and_bytes() -> None:
    one = make_spec({"direction": {"part": "muon"}, "schedule": {"part": "cosine", "lr": 0.02}})
    other = make_spec(
        {
            "phases": [
                {
                    "schedule": {"lr": 0.0200000001, "part": "cosine"},
                    "direction": {"part": "muon"},
                    "mask": {"part": "none"},
                }
            ]
        }
    )
    assert one == other
    assert render(one, 400) == render(other, 400)
    # a changed identifier would orphan every study that recorded the old one
    assert one.identifier == "03b9c05c72a3"


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_survive_json_and_differ(name: str) -> None:
    spec = RECIPES[name]
    assert make_spec(spec.to_json()) == spec == make_spec(CHOICES[name])
    assert [other for other, s in RECIPES.items() if s.identifier == spec.identifier] == [name]


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"flavour": {"part": "sweet"}}, "no kind named 'flavour'"),
        ({"direction": {"part": "sideways"}}, "no part named 'sideways'; there are: normalised"),
        ({"direction": {"part": "muon", "beta2": 0.9}}, "no parameter named 'beta2'"),
        ({"direction": "muon"}, "direction: expected an object"),
        ({"schedule": {"part": "constant", "lr": 500.0}}, "from 1e-05 to 100, got 500.0"),
        ({"schedule": {"part": "constant", "lr": float("nan")}}, "got nan"),
        ({"schedule": {"part": "constant", "lr": "fast"}}, "lr: expected a number, got 'fast'"),
        ({"schedule": {"part": "cosine", "warmup": 0.9}}, "expected 0 or a number from 0.0025"),
        (
            {"precondition": {"part": "soap", "every": 2.5}},
            "every: expected a whole number, got 2.5",
        ),
        ({"direction": {"part": "comp_muon"}}, "comp_muon needs coordinates factors or balanced"),
        ({"phases": []}, "a list of 1 to 4"),
        ({"phases": [{}], "direction": {}}, "'direction' is beside the phases; move it"),
        ({"phases": [{"from": 0.1}]}, "expected starts that increase from 0"),
        ({"phases": [{}, {"from": 0.5}, {"from": 0.5}]}, "expected starts that increase from 0"),
        ({"phases": [{}, {"from": 1.0}]}, "fraction of the run from 0 to below 1, got 1.0"),
        (
            {"phases": [{"readout": {"part": "polar"}}]},
            "readout is for the whole run; move it beside the phases",
        ),
        ({"phases": None}, "a list of 1 to 4"),
        ({"phases": [{}, {"from": 0.99999}]}, "from 0 to below 1, got 1.0"),
        ({"averagin": {}}, "no kind named 'averagin'; there are: start, readout, outer, averaging"),
        ({"direction": {"part": None}}, "direction: expected the name of a part, got None"),
        ({"schedule": {"lr": 10**400}}, "lr: expected a number, got one that is too large"),
        ({"phases": [7]}, "expected an object of kinds, got 7"),
    ],
)
def test_a_wrong_spec_is_refused_with_what_was_expected(
    choices: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make_spec(choices)


def test_a_parameter_outside_its_range_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="low <= default <= high"):
        Param("lr", "LEARNING_RATE", 1.0, 0.1, 0.5, "step size")


def test_parts_are_declared_so_that_they_can_be_chosen_one_after_the_other() -> None:
    order = [kind.name for kind in PHASE_KINDS]
    owners: dict[str, str] = {}
    for kind in KINDS:
        assert kind.parts[0].name == kind.neutral
        for part in kind.parts:
            constants = [param.constant for param in kind.params(part.name)]
            assert len(set(constants)) == len(constants)
            assert {owners.setdefault(name, kind.name) for name in constants} <= {kind.name}
            for other, parts in part.requires.items():
                assert order.index(other) < order.index(kind.name)
                assert set(parts) <= {
                    p.name for p in KINDS[-len(order) :][order.index(other)].parts
                }


def test_leaving_a_part_out_keeps_the_rest() -> None:
    spec = make_spec(
        {
            **MUON,
            "momentum": {"part": "ema", "beta": 0.95},
            "decay": {"part": "decoupled", "rate": 0.1},
            "schedule": {"part": "wsd", "lr": 0.3, "warmup": 0.1},
            "averaging": {"part": "tail_ema"},
        }
    )
    removals = {removal.name: removal for removal in leave_one_out(spec)}
    assert set(removals) == {
        "averaging", "coordinates", "momentum", "direction", "decay", "schedule"
    }  # fmt: skip
    shared = dict(removals["schedule"].spec.phases[0]["schedule"].params)
    assert shared == {"lr": 0.3, "warmup": 0.1, "floor": 0.0}
    for name, removal in removals.items():
        assert changed_kinds(spec, removal.spec) == {name}
        assert removal.also == ()
    assert leave_one_out(make_spec({})) == []


def test_what_needs_a_part_goes_with_it() -> None:
    removals = {removal.name: removal for removal in leave_one_out(RECIPES["cm_product_space"])}
    gone = removals["phase 2 coordinates"]
    assert set(gone.also) == {"temperature", "magnitude", "steps"}
    assert len(removals["phase 2"].spec.phases) == 1
    assert set(removals["phase 1 direction"].also) == set()


def changed_kinds(one: Spec, other: Spec) -> set[str]:
    before = (*one.run.choices, *one.phases[0].choices)
    after = (*other.run.choices, *other.phases[0].choices)
    pairs = zip(before, after, strict=True)
    return {kind for (kind, choice), (_, changed) in pairs if choice != changed}


def test_phases_are_named_by_what_they_change() -> None:
    phases = [MUON, {**MUON, "from": 0.3, "mask": {"part": "cautious"}}, {**MUON, "from": 0.6}]
    assert make_spec({"phases": phases}).label == "factors-muon+mask+mask"


def test_of_many_misplaced_kinds_the_first_is_named() -> None:
    misplaced = {kind.name: {} for kind in RUN_KINDS}
    with pytest.raises(ValueError, match=f"^{min(misplaced)} is for the whole run"):
        make_spec({"phases": [misplaced]})
