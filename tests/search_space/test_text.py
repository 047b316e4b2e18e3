"""Rendered loops say a thing once."""

import ast
import re
from itertools import pairwise
from typing import Any

from search_space.registry import get_kind
from search_space.render import render
from search_space.sample import random_specs
from search_space.spec import make_spec

SOAP_MUON: dict[str, Any] = {
    "momentum": {"part": "ema"},
    "precondition": {"part": "soap"},
    "direction": {"part": "muon"},
    "radial": {"part": "pinned"},
}


def test_neighbours_for_matrices_share_one_test() -> None:
    source = render(make_spec(SOAP_MUON), 10)
    # one around precondition, direction and radial, and one after the step
    assert source.count("if p.ndim == 2:") == 2
    for spec in random_specs(25, 1):
        loops = [n for n in ast.walk(ast.parse(render(spec, 10))) if isinstance(n, ast.For)]
        for body in (loop.body for loop in loops):
            tests = [ast.dump(one.test) if isinstance(one, ast.If) else "" for one in body]
            assert not any(one and one == other for one, other in pairwise(tests)), spec.to_json()


def test_steps_are_counted_once() -> None:
    for vectors in ("same", "adam", "adam_by_role"):
        source = render(make_spec(SOAP_MUON | {"vectors": {"part": vectors}}), 10)
        assert source.count('state.get("t", 0) + 1') == 1


def test_the_start_of_the_phase_has_a_letter_of_its_own() -> None:
    for part in get_kind("schedule").parts:
        meanings = " ".join(param.meaning for param in part.params)
        letters = re.findall(r"\b(x\d) the start of the phase", part.formula)
        assert letters == ["x1"]
        assert "x1" not in meanings, part.name
