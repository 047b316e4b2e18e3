"""Optimizers keep their state where the parameters are, so that they run on a GPU."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from helpers.other_device import other_device
from helpers.tiny import build
from search_space.recipes import RECIPES
from search_space.render import render
from tracks.instance import official_instance
from tracks.registry import get_track

PUBLISHED = Path(__file__).parents[2] / "submissions"
FILES = {file.parent.name: file for file in PUBLISHED.glob("*/submission.py")}
TRACKS = ("random_teacher", "mqar", "tiny_lm")
ONLY_ON = {"log-odds-keys": ("mqar",), "product-normuon-line-search": ("random_teacher",)}
CASES = [(name, track) for name in (*RECIPES, *FILES) for track in ONLY_ON.get(name, TRACKS)]
STEPS = 3


@pytest.mark.parametrize(("name", "track"), CASES)
def test_an_optimizer_steps_as_well_on_another_device(
    name: str, track: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = FILES[name].read_text() if name in FILES else render(RECIPES[name], 40)
    student = get_track(track).student(official_instance(track, "tiny").seeds, "tiny")
    values = [parameter.detach() for parameter in student.parameters()]
    expected = trained(source, values)
    with other_device(monkeypatch) as move:
        found = trained(source, values, move)
    for here, there in zip(expected, found, strict=True):
        assert torch.equal(here, there.here)


def trained(
    source: str, values: list[Tensor], move: Callable[[Tensor], Tensor] = Tensor.clone
) -> list[nn.Parameter]:
    """Parameters with these values after a few steps of random gradients."""
    draw = torch.Generator().manual_seed(0)
    gradients = [torch.randn(value.shape, generator=draw) for value in values]
    parameters = [nn.Parameter(move(value.clone())) for value in values]
    optimizer = build(source, parameters, 40)
    for step in range(1, STEPS + 1):
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = move(gradient / step)
        optimizer.step()
    return parameters
