"""The prior is one table, wide around what the recipes have, and knows no track."""

import ast
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

import agent.proposers
import search_space
from helpers import ROOT, Call
from search_space.baselines import BASELINES
from search_space.part import Param
from search_space.parts.schedule import PEAK
from search_space.prior import NARROW, WIDTH_OF_A_RANGE, prior, ranges
from search_space.recipes import RECIPES
from search_space.registry import KINDS, get_kind
from search_space.spec import Spec
from search_space.walk import START
from tracks.registry import all_tracks

SHARES = {"KEY_START", "VALUE_START", "OUTER_SHARE", "AVERAGE_SHARE", "RADIAL_SHARE",
          "LOWERED_STEP", "BLEND_SHARE"}  # fmt: skip
"""Numbers below one by their meaning, beside decay rates and fractions of the run."""
NEARLY_ONE = 0.9


def bounded(param: Param) -> bool:
    return param.complement or "fraction of the run" in param.meaning or param.constant in SHARES


def span(param: Param, low: float, high: float) -> tuple[float, float]:
    return (1 - high, 1 - low) if param.complement else (low, high)


def numbers(spec: Spec) -> Iterator[tuple[str, Param, float, float, float]]:
    """Name, number, value and the ends of the range it is drawn from."""
    for phase in spec.phases[1:]:
        yield "start of the second phase", START, phase.start, START.low, START.high
    for choices in (spec.run, *spec.phases):
        for kind, choice in choices.choices:
            for param in get_kind(kind).params(choice.part):
                ends = param.low, param.high
                if param is PEAK:
                    ends = choices.part("direction").step_sizes
                if choice[param.name] or not param.optional:
                    yield f"{kind}.{choice.part}", param, choice[param.name], *ends


@pytest.mark.parametrize("name", [*RECIPES, *(f"tuned {name}" for name in BASELINES)])
def test_ranges_are_wide_around_the_recipes(name: str) -> None:
    spec = RECIPES[name] if name in RECIPES else BASELINES[name.removeprefix("tuned ")]
    reach = math.sqrt(WIDTH_OF_A_RANGE)
    for part, param, value, *ends in numbers(spec):
        if param.constant in NARROW:
            continue
        low, high = span(param, *ends)
        value = 1 - value if param.complement else value
        most = NEARLY_ONE if bounded(param) else math.inf
        where = f"{part}.{param.name}: {low:g} to {high:g} around {value:g}"
        assert low <= value / reach, where
        assert high >= min(value * reach, most), where


def test_every_range_is_wide() -> None:
    for kind in KINDS:
        for name, param, *ends in ranges(kind):
            low, high = span(param, *ends)
            if param.constant not in NARROW:
                assert high >= WIDTH_OF_A_RANGE * low, f"{name}: {low:g} to {high:g}"


def test_exceptions_are_those_of_numbers_that_are_narrow() -> None:
    found = {param.constant: ends for kind in KINDS for _, param, *ends in ranges(kind)}
    largest = {param.constant: value for spec in RECIPES.values()
               for _, param, value, *_ in numbers(spec)}  # fmt: skip
    for constant in NARROW:
        low, high = found[constant]
        around = largest.get(constant, 0.0) * math.sqrt(WIDTH_OF_A_RANGE)
        assert low <= 0 or high < WIDTH_OF_A_RANGE * low or low == 1 or high < around


def test_the_page_of_the_prior_is_up_to_date(call: Call) -> None:
    page = prior()
    assert (ROOT / "docs" / "prior.md").read_text() == page == call("space", "prior")[1]
    for kind in KINDS:
        assert f"| {kind.name} | {kind.chance:g} |" in page
        assert all(f"| {name} |" in page for name, *_ in ranges(kind))


def test_the_sampler_knows_no_track_and_no_number_of_steps() -> None:
    space, proposers = (
        Path(str(package.__file__)).parent for package in (search_space, agent.proposers)
    )
    for file in (*space.rglob("*.py"), *proposers.glob("*.py")):
        assert not [name for name in all_tracks() if name in file.read_text()], file
    drawing = [space / name for name in ("walk.py", "mutate.py", "sample.py")]
    for file in (*drawing, proposers / "sampled.py"):
        constants = [node.value for node in ast.walk(ast.parse(file.read_text()))
                     if isinstance(node, ast.Constant)]  # fmt: skip
        # 12: the digits of a bound of a decay rate
        assert {value for value in constants if type(value) is int} <= {0, 1, 2, 12}, file
