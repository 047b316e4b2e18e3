"""Invariants of specs, over specs that hypothesis draws decision by decision."""

import ast
import json
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from search_space.part import Structure
from search_space.render import render
from search_space.sample import TrialParams, sample_spec, trial_params
from search_space.spec import Spec, make_spec
from search_space.walk import can_sample

STRUCTURES: tuple[Structure, ...] = ("any", "attention", "tables")
Draw = Callable[[st.SearchStrategy[Any]], Any]


class Drawn:
    """A trial whose values hypothesis draws."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw

    def suggest_float(self, name: str, low: float, high: float, log: bool = False) -> float:
        return float(self.draw(st.floats(low, high)))

    def suggest_categorical(self, name: str, choices: Sequence[str]) -> str:
        return str(self.draw(st.sampled_from(choices)))


class Queued:
    """A trial with the values of `params`."""

    def __init__(self, params: TrialParams) -> None:
        self.params = params

    def suggest_float(self, name: str, low: float, high: float, log: bool = False) -> float:
        return float(self.params[name])

    def suggest_categorical(self, name: str, choices: Sequence[str]) -> str:
        assert self.params[name] in choices
        return str(self.params[name])


@st.composite
def sampled(draw: Draw) -> tuple[Spec, Structure]:
    structure = draw(st.sampled_from(STRUCTURES))
    return sample_spec(Drawn(draw), structure), structure  # type: ignore[arg-type]


@settings(max_examples=100)
@given(sampled())
def test_a_spec_is_its_json(drawn: tuple[Spec, Structure]) -> None:
    spec, _ = drawn
    again = make_spec(json.loads(json.dumps(spec.to_json())))
    assert again == spec
    assert (again.identifier, again.label) == (spec.identifier, spec.label)


@settings(max_examples=60)
@given(sampled(), st.integers(1, 5000))
def test_equal_specs_render_to_equal_bytes(drawn: tuple[Spec, Structure], max_steps: int) -> None:
    spec, _ = drawn
    source = render(spec, max_steps)
    ast.parse(source)
    assert render(make_spec(spec.to_json()), max_steps) == source


@settings(max_examples=100)
@given(sampled())
def test_the_params_of_a_spec_sample_it(drawn: tuple[Spec, Structure]) -> None:
    spec, structure = drawn
    assert can_sample(spec, structure)
    queued = Queued(trial_params(spec, structure))
    assert sample_spec(queued, structure) == spec  # type: ignore[arg-type]
