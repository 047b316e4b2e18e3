"""A submission that holds more texts and numbers than an optimizer needs."""

import random

import pytest

from helpers.sources import GRADIENT_DESCENT
from search_space.recipes import RECIPES
from search_space.render import render
from tracks.rules.checker import broken, check
from tracks.rules.literals import FORBIDDEN, SUSPECT
from tracks.submission import Submission

MANY = ", ".join(["0.125"] * 4_000)


@pytest.mark.parametrize(
    "held",
    [
        f"W = {'x' * FORBIDDEN!r}",
        f"W = {b'x' * FORBIDDEN!r}",
        f"W = {chr(0x4E00) * (FORBIDDEN // 3 + 1)!r}",
        f"W = [{MANY}]",
        f"W = {10**4200}\nV = {10**4200}\nU = {10**4200}\nT = {10**4200}",
        f"def f():\n    {'x' * FORBIDDEN!r}\n\nW = f.__doc__",
        f"W = dict({'x' * FORBIDDEN}=0)",
        f"class W:\n    {'x' * FORBIDDEN}: int",
        f"from __future__ import annotations\nW: {'x' * FORBIDDEN}",
    ],
)
def test_what_may_be_a_model_is_refused(held: str) -> None:
    (finding,) = broken(Submission(f"{held}\n{GRADIENT_DESCENT}"))
    assert finding.rule == "literals"
    assert "bytes of texts, numbers and names are written in it: is a model or data" in finding.text


@pytest.mark.parametrize("alphabet", ["abcdefghijklmnop", "\n" + " " * 15])
def test_an_order_of_names_or_of_spaces_is_refused_too(alphabet: str) -> None:
    draw = random.Random(0)
    data = [draw.randrange(16) for _ in range(80_000)]
    if alphabet[0] == "a":
        held = ", ".join(alphabet[value] for value in data)
    else:
        held = ",".join("a" + " " * value for value in data)
    (finding,) = broken(Submission(f"W = [{held}]\n{GRADIENT_DESCENT}"))
    assert "when packed" in finding.text


def test_a_person_reads_what_is_long() -> None:
    (finding,) = check(Submission(f"W = {'x' * SUSPECT!r}\n{GRADIENT_DESCENT}"))
    assert (finding.level, finding.line) == ("suspect", 1)


def test_documentation_does_not_count() -> None:
    source = (
        f"{'x' * FORBIDDEN!r}\n# {random.Random(0).randbytes(60_000).hex()}\n{GRADIENT_DESCENT}"
    )
    assert check(Submission(source)) == []


def test_no_recipe_comes_near() -> None:
    for spec in RECIPES.values():
        assert check(Submission(render(spec, 400))) == []
