"""A mechanism of code becomes a part: what is written, and what is refused."""

import ast

import pytest

from search_space.adoption import Adoption, adopted, targets
from search_space.adoption.text import Number

HEAD = "def polar_decay(update, value, state, *, strength=0.1):\n"
DOCSTRING = '''\
    """Pulls every row back to the direction that it had at first.

    Formula: U <- U + s (w / |w| - P), P the first w / |w|
    Source: this project
    strength: 0.01 to 1, s, in units of the update
    """
'''
BODY = """\
    # rows of zeros have no direction
    rows = unit_rows(value)
    first = state.setdefault("polar_decay", rows.clone())
    return update + strength * (rows - first)
"""
UNIT_ROWS = "value / value.norm(dim=-1, keepdim=True).clamp(min=1e-12)"
FUNCTION = HEAD + DOCSTRING + BODY.replace("unit_rows(value)", UNIT_ROWS)
SUBMISSION = """

class Submission(torch.optim.Optimizer):
    def __init__(self, params, polar_decay=True, momentum=True, *, off=False):
        super().__init__(params, {})
        self.polar_decay = polar_decay

    @torch.no_grad()
    def step(self, closure=None):
        for p in self.param_groups[0]["params"]:
            update = p.grad
            if self.polar_decay:
                update = polar_decay(update, p, self.state[p], strength=0.1)
            p.sub_(update, alpha=0.01)
"""
NORM_SIGN = """\
def unit_rms(update):
    return update


"""


def submission(function: str, before: str = "") -> str:
    return f'"""What it does."""\n\nimport math\n\nimport torch\n\n\n{before}{function}{SUBMISSION}'


def adopt(function: str = FUNCTION, kind: str = "magnitude", **more: str) -> Adoption:
    return adopted(submission(function), "polar_decay", kind, **more)


def function_of(arguments: str, *lines: str, docstring: str = DOCSTRING) -> str:
    """A function of these arguments; `strength` is no number of it but where it is named."""
    return f"def polar_decay({arguments}):\n{docstring}" + "".join(
        f"    {line}\n" for line in lines
    )


def test_a_mechanism_becomes_a_rule_and_a_part() -> None:
    adoption = adopt()
    assert adoption.rule_path == "rules/adopted_polar_decay.py"
    assert adoption.part_path == "parts/adopted/magnitude_polar_decay.py"
    head = """(
    update: Tensor,
    value: Tensor,
    state: dict[str, Tensor],
    *,
    strength: float,
) -> Tensor:
"""
    assert head in adoption.rule_file
    # the body is as it was, with its comments
    assert adoption.rule_file.endswith(FUNCTION.removeprefix(HEAD))
    assert "import torch\n" not in adoption.rule_file
    for text in (
        'KIND = "magnitude"',
        'summary="pulls every row back to the direction that it had at first"',
        'formula="U <- U + s (w / |w| - P), P the first w / |w|"',
        'source="this project"',
        '"POLAR_DECAY_STRENGTH",\n            0.01,\n            1.0,\n            0.1,',
        'update="update = polar_decay(update, value, state, strength=POLAR_DECAY_STRENGTH)"',
        # what keeps a state cannot have rows that come and go
        'requires={"coordinates": DENSE}',
        'signature=either("polar decay")',
    ):
        assert text in adoption.part_file
    assert "matrix_only" not in adoption.part_file


def test_it_may_be_anything_that_stands_by_itself() -> None:
    lines = [
        "def inside(y):",
        "    return [unit_rms(z) for z in (y,)][0] if block.role in SCORE_ROLES else y",
        "update.T[0] += math.sqrt(t) * x * lr * len(blocks) * low * torch.ones(())",
        "return inside(update) * (fine - low) * scale_of_it",
    ]
    arguments = "update, grad, lr, t, x, block, blocks, *, fine=0.1, low=0.95, scale_of_it=1e-3"
    docstring = DOCSTRING.replace("strength: 0.01 to 1, s,", "low: .5 to 0.99, what is kept,")
    docstring = docstring.replace(
        "    Source", "        over two lines\n    For: matrices\n    Source"
    )
    copied = "SCORE_ROLES = ('q', 'k', 'bq', 'bk')\n\n\n"
    source = submission(function_of(arguments, *lines, docstring=docstring), copied)
    adoption = adopted(source, "polar_decay", "steps", name="polar_2", cited="someone's paper")
    for text in (
        "import math\nfrom collections.abc import Sequence\n\nimport torch\nfrom torch import",
        "from search_space.rules.blocks import SCORE_ROLES, Block\n"
        "from search_space.rules.matrix import unit_rms\n",
        "def polar_2(\n    update: Tensor,\n    grad: Tensor,\n    lr: float,\n    t: int,\n",
        '    block: "Block",\n    blocks: Sequence["Block"],\n    *,\n    fine: float,\n',
    ):
        assert text in adoption.rule_file
    for text in (
        'name="polar_2"',
        "P the first w / |w| over two lines",
        'source="someone\'s paper"',
        "matrix_only=True",
        'patterns=("table_blocks",)',
        "    update.clone(),\n    grad,\n    lr,\n",
        '"fine of polar_decay",\n            log=True,',
        '"what is kept, in units of the update",\n            complement=True,',
        '"POLAR2_SCALE_OF_IT",\n            0.0001,\n            0.01,\n            0.001,\n',
    ):
        assert text in adoption.part_file
    ast.parse(adoption.part_file)


def test_each_kind_sets_its_own_variable() -> None:
    assert targets()["treatment"] == "grad"
    known = {"momentum", "direction", "blend", "damping", "mask", "magnitude"}
    assert known <= {kind for kind, target in targets().items() if target == "update"}
    plain = function_of("grad", "return grad.sign()", docstring=DOCSTRING)
    for kind, target in targets().items():
        assert f'update="{target} = polar_decay(grad)"' in adopt(plain, kind).part_file
    own = function_of("grad, state", 'state["momentum"] = grad.sign()', "return grad")
    # parts of one kind never meet in a step
    assert 'KIND = "momentum"' in adopt(own, "momentum").part_file


def test_scales_of_numbers() -> None:
    scales = [
        (Number("n", low, high, default, ""))
        for low, high, default in ((0.1, 0.99, 0.9), (0.1, 0.99, 0.3), (0.1, 0.9, 0.8), (-1, 1, 0))
    ]
    assert [(n.is_share, n.is_size) for n in scales] == [
        (True, False),
        (False, False),
        (False, False),
        (False, False),
    ]
    assert Number("n", 0.01, 1, 0.1, "").is_size


SIMPLE = function_of("update", "return update")


@pytest.mark.parametrize(
    ("function", "more", "line"),
    [
        (FUNCTION, {"kind": "colour"}, "no kind named 'colour'; there are: start"),
        (FUNCTION, {"kind": "averaging"}, "the parts of averaging set no update in each step; exp"),
        (
            FUNCTION,
            {"kind": "decay"},
            "the parts of decay set no update in each step; expected one",
        ),
        (FUNCTION, {"name": "none"}, "magnitude has a part named none already"),
        (FUNCTION, {"name": "unit_rms"}, "search_space.rules has unit_rms already"),
        (FUNCTION, {"name": "momentum"}, "rendered code uses momentum for something"),
        (FUNCTION, {"name": "lambda"}, "rendered code uses lambda for something"),
        (FUNCTION, {"name": "Polar"}, "'Polar' is no name for a part"),
        ("", {}, "no function polar_decay at the top level"),
        ("@torch.no_grad()\n" + SIMPLE, {}, "polar_decay has a decorator"),
        (function_of("update", "pass"), {}, "polar_decay returns nothing; expected the new update"),
        (function_of("update, weight", "return update"), {}, "no argument may be called weight"),
        (function_of("", "return 1"), {}, "expected arguments out of value, grad, update, state"),
        (function_of("update, *grad", "return 1"), {}, "polar_decay: expected arguments out of"),
        (function_of("update, lr=0.1", "return 1"), {}, "polar_decay: expected arguments out of"),
        (function_of("update, *, lr=0.1", "return 1"), {}, "lr is no number; it goes before the *"),
        (function_of("update, *, s", "return 1"), {}, "s needs a float as its default, such as"),
        (function_of("update, *, s=True", "return 1"), {}, "s needs a float as its default"),
        (function_of("update, *, s=abs(1)", "return 1"), {}, "s needs a float as its default"),
        (
            function_of("update, *, s=0.0", "return s"),
            {},
            "a default of 0 tells no range; expected",
        ),
        (function_of("update, *, s=0.9", "return s"), {}, "0.9 may be a share that is kept or a"),
        (FUNCTION.replace("strength=0.1", "strength=5.0"), {}, "default 5 is not from 0.01 to 1;"),
        (FUNCTION.replace("0.01 to 1,", "0.1 to 1e999,"), {}, "default 0.1 is not from 0.1 to inf"),
        (
            FUNCTION.replace("s, in units of the update", "x" * 61),
            {},
            "strength: expected a meaning of at most 60",
        ),
        (HEAD + BODY, {}, "polar_decay: its docstring has no first line; docs/adopting.md"),
        (FUNCTION.replace("Formula", "Words"), {}, "its docstring has no Formula:"),
        (FUNCTION.replace("Source", "Words"), {}, "its docstring has no Source:"),
        (
            FUNCTION.replace("U <-", "\\\\eta"),
            {},
            "a docstring of plain lines, without backslashes",
        ),
        (
            FUNCTION.replace("U <-", "U <-\n        U" + " + U" * 10 + "\n        U" * 9),
            {},
            "its formula has a line of over 90 characters",
        ),
        (
            FUNCTION.replace("    Source", "    For: big\n    Source"),
            {},
            "For: expected all or",
        ),
        (
            'def polar_decay(update): "It."; return update\n',
            {},
            "expected its body on lines of its",
        ),
        (HEAD + DOCSTRING + BODY, {}, "uses unit_rows; a mechanism stands by itself, with torch"),
        (function_of("update", "import os", "return update"), {}, "polar_decay imports something"),
        (
            function_of("update", "clip = 1", "return update"),
            {},
            "variable clip is called as a rule",
        ),
        (
            NORM_SIGN + function_of("update", "return unit_rms(update)"),
            {},
            "uses unit_rms, which is not",
        ),
        (function_of("value", "value.mul_(2)", "return value"), {}, "changes value in place"),
        (
            function_of("state", "return adam_direction(1, 1, state)"),
            {},
            "adam_direction is handed",
        ),
        (
            function_of("state", 'return state["t"]'),
            {},
            "keeps 't' in its state, as other parts do",
        ),
        (
            function_of("state", 'return "radius" in state'),
            {"kind": "mask"},
            "keeps 'radius' in its",
        ),
        (
            function_of("state, grad", 'return remembered(state, "second", grad)'),
            {},
            "keeps 'second' in its state, as other parts do",
        ),
        (
            SIMPLE,
            {"kind": "treatment"},
            "a treatment comes before the update; it may take value, g",
        ),
        (function_of("update", "# " + "x" * 100, "return update"), {}, "a line of over 100 char"),
        (FUNCTION.replace("Pulls", "A Block of"), {}, "polar_decay says Block, which is a class"),
        (SIMPLE, {"kind": "momentum"}, "a momentum comes before the update"),
        (
            function_of("update, *, a1=0.1, a_1=0.1", "return update"),
            {},
            "a_1 of polar_decay would be the constant POLAR_DECAY_A1, which there is already",
        ),
    ],
)
def test_what_is_no_mechanism_is_refused(function: str, more: dict[str, str], line: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as caught:
        adopt(function, **more)
    assert line in str(caught.value)


def test_the_switch_must_be_there_and_on() -> None:
    with pytest.raises(ValueError, match="no switch named off; there are: polar_decay, momentum"):
        adopted(submission(FUNCTION), "off", "magnitude")
    # taken out by an ablation
    source = submission(FUNCTION).replace("polar_decay=True", "polar_decay=False")
    with pytest.raises(ValueError, match="no switch named polar_decay; there are: momentum"):
        adopted(source, "polar_decay", "magnitude")
