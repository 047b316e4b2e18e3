"""Defaults in the text of a file: found where they are written, and replaced there alone."""

import pytest

from search_space.defaults import defaults, with_defaults
from search_space.switches import switches

FILE = """\
import torch

CLIP: float = 1.0
TWICE = 1
TWICE = 2
lower = 3


class Base(torch.optim.SGD):
    def __init__(self, params, ä="ö", beta=(0.9,
                 0.99), *, nesterov=True, scale=-2.0, made=float("inf")):
        super().__init__(params, lr=0.1, nesterov=nesterov, weight_decay=0.2)


class Other(torch.optim.SGD):
    def __init__(self, params, unseen=True): ...


class Mine(Base):
    def step(self): ...


Submission = Mine
"""
VALUES = {
    "ä": "ö",
    "beta": (0.9, 0.99),
    "nesterov": True,
    "scale": -2.0,
    "lr": 0.1,
    "weight_decay": 0.2,
    "CLIP": 1.0,
}


def test_literals_of_the_constructor_its_settings_and_constants() -> None:
    found = defaults(FILE)
    assert {name: one.value for name, one in found.items()} == VALUES
    places = {name: one.place for name, one in found.items()}
    assert places["scale"] == "argument", "inherited, and Submission is another name of the class"
    assert places["weight_decay"] == "setting"
    assert places["CLIP"] == "constant"


def test_only_arguments_are_switches_of_a_study() -> None:
    assert switches(FILE) == ["nesterov"]
    assert switches("FAST = True\nclass Submission:\n    def __init__(self, p): ...\n") == []


def test_what_is_replaced_and_nothing_else() -> None:
    changed = with_defaults(FILE, {"weight_decay": "0.0", "beta": "(0.0, 0.5)", "CLIP": "9.0"})
    expected = FILE.replace("weight_decay=0.2", "weight_decay=0.0")
    expected = expected.replace("CLIP: float = 1.0", "CLIP: float = 9.0")
    start, end = expected.index("(0.9,"), expected.index("0.99)") + len("0.99)")
    assert changed == expected[:start] + "(0.0, 0.5)" + expected[end:]
    with pytest.raises(ValueError, match="no default named made; there are: ä, beta"):
        with_defaults(FILE, {"made": "1.0"})
