"""Which defaults of a file are its parts."""

from collections.abc import Sequence

import pytest

from agent.study.errors import UserError
from agent.verdict.file_parts import file_parts
from search_space.recipes import RECIPES
from tracks.submission import Submission

MARKED = """
WARM = True
class Submission:
    def __init__(self, params, lr=0.1, momentum=0.9, nesterov=True, cautious=False): ...
"""
PLAIN = """
STEPS = 5
class Submission:
    def __init__(self, params, lr=0.1, momentum=0.9, decay=0, betas=(0.9, 0.99), *, power=3): ...
"""


def parts(source: str, *named: str) -> tuple[str, dict[str, str]]:
    found = file_parts(Submission(source), named, None)
    return found.source, {one.label: one.replaced_by for one in found.parts.listed()}


def test_what_is_true_goes_before_numbers() -> None:
    expected = {"switch nesterov": "False", "switch WARM": "False"}
    assert parts(MARKED) == ("marked", expected)
    assert parts(PLAIN) == ("found", {"argument momentum": "0.0", "argument power": "0"})


def test_why_the_others_are_left() -> None:
    left = {one.name: one.why for one in file_parts(Submission(PLAIN), [], None).left}
    assert left == {
        "lr": "nothing runs without it",
        "decay": "off already",
        "betas": "not a number",
        "STEPS": "nothing runs without it",
    }


def test_named_parts_alone_are_removed() -> None:
    source, found = parts(PLAIN, "momentum", "betas=(0.0, 0.9)", "STEPS=1")
    assert source == "named"
    assert found == {
        "argument momentum": "0.0",
        "argument betas": "(0.0, 0.9)",
        "constant STEPS": "1",
    }
    without = file_parts(Submission(PLAIN), ["betas=None", "power"], None).parts.without([1, 0], 9)
    assert without.source == PLAIN.replace("(0.9, 0.99)", "None").replace("power=3", "power=0")


def test_a_spec_has_its_own_parts_unless_others_are_named() -> None:
    spec = RECIPES["muon"]
    found = file_parts(Submission(PLAIN), [], spec)
    assert found.source == "spec"
    assert "direction" in {one.kind for one in found.parts.listed()}
    assert file_parts(Submission(PLAIN), ["power"], spec).source == "named"


@pytest.mark.parametrize(
    ("named", "line"),
    [
        (["speed"], "there are: lr, momentum, decay, betas, power, STEPS"),
        (["lr"], r"lr is 0.1 \(nothing runs without it\); say what it is .* --switch lr=VALUE"),
        (["decay"], r"decay is 0 \(off already\)"),
        (["decay=0"], "decay is 0 already; give another value"),
        (["power=two"], "expected a number, True, False, None, a text in quotes, or a tuple"),
        (["power=1 # 2\n)"], "expected a number"),
        (["power", "power=1"], "power is named twice"),
    ],
)
def test_a_name_or_a_value_that_cannot_be(named: Sequence[str], line: str) -> None:
    with pytest.raises(UserError, match=line):
        file_parts(Submission(PLAIN), named, None)
