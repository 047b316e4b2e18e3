"""An optimizer class as a submission file, with what it uses and nothing else."""

import importlib
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from agent.study.class_source import class_source
from agent.study.errors import UserError
from agent.verdict.transfer import takes_length
from helpers import Run
from tracks.submission import Submission

RATE = 0.05
BETAS = (0.9, 0.99)
LOCK = object()


def shrunk(gradient: Tensor) -> Tensor:
    return gradient * RATE * math.cos(0.0)


class Base(torch.optim.Optimizer):
    def __init__(self, params: Iterable[Tensor], scale: float = 1.0) -> None:
        super().__init__(params, {"scale": scale, "betas": BETAS})


class Descent(Base):
    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.sub_(shrunk(parameter.grad) * group["scale"])


def pow(base: float, exponent: float) -> float:
    """Not that of Python."""
    return RATE


class Powered(torch.optim.SGD):
    def size(self) -> float:
        return pow(2.0, 3.0)


class Locked(Descent):
    lock = LOCK


def test_the_class_comes_with_what_it_uses() -> None:
    source = class_source(Descent, {})
    found: dict[str, Any] = {}
    exec(source, found)
    assert {"RATE", "BETAS", "shrunk", "Base", "Descent", "Submission", "torch"} <= set(found)
    assert not {"LOCK", "Locked", "pytest"} & set(found)
    weight = torch.nn.Parameter(torch.ones(2))
    weight.grad = torch.ones(2)
    found["Submission"]([weight]).step()
    torch.testing.assert_close(weight.detach(), torch.full((2,), 1 - RATE))


def test_a_name_of_the_module_goes_before_that_of_python() -> None:
    found: dict[str, Any] = {}
    exec(class_source(Powered, {}), found)
    assert found["Submission"]([torch.nn.Parameter(torch.ones(1))]).size() == RATE


def test_annotations_that_are_read_as_text_stay_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "postponed.py").write_text(
        "from __future__ import annotations\n"
        "import torch\n"
        "class Mine(torch.optim.SGD):\n"
        "    def size(self, one: Unknown) -> Unknown: ...\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    exec(class_source(importlib.import_module("postponed").Mine, {}), {})


def test_a_class_of_a_library_is_imported_with_its_settings() -> None:
    source = class_source(torch.optim.AdamW, {"lr": 1e-3, "betas": (0.9, 0.95)})
    assert "from torch.optim.adamw import AdamW as AdamW" in source
    assert "super().__init__(params, lr=0.001, betas=(0.9, 0.95, ))" in source
    assert "def step" not in source


def test_a_constructor_still_takes_the_length_of_the_run() -> None:
    class Scheduled(Base):
        def __init__(self, params: Iterable[Tensor], scale: float = 1.0, max_steps: int = 9):
            super().__init__(params, scale)
            self.steps = max_steps

    def made(**settings: Any) -> Any:
        found: dict[str, Any] = {}
        exec(class_source(Scheduled, settings), found)
        return found["Submission"]

    weights = [torch.nn.Parameter(torch.ones(2))]
    assert takes_length(Submission(class_source(Scheduled, {"scale": 2.0})))
    assert made(scale=2.0)(weights, max_steps=7).steps == 7
    assert made()(weights).steps == 9
    # a setting is kept
    assert made(max_steps=5)(weights).steps == 5
    assert not takes_length(Submission(class_source(Scheduled, {"max_steps": 5})))


@pytest.mark.processes
def test_it_runs_in_the_sandbox(run: Run) -> None:
    result = run(class_source(Descent, {"scale": 0.5}))
    assert result.complete, result.reason


@pytest.mark.parametrize(
    ("optimizer", "settings", "said"),
    [
        (Locked, {}, "the class uses LOCK of type object, which is outside of it"),
        (Descent, {"scale": torch.ones(1)}, "settings are numbers, texts and tuples"),
        (torch.optim.SGD([torch.ones(1)], lr=1.0), {}, "is no class; give the class"),
        (type("Made", (Base,), {}), {}, "the source of Made cannot be found"),
    ],
)
def test_what_no_file_can_hold_is_refused(optimizer: Any, settings: Any, said: str) -> None:
    with pytest.raises(UserError) as error:
        class_source(optimizer, settings)
    assert said in " ".join(str(error.value).split())
