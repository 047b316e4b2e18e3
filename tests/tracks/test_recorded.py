"""A training step as a CUDA graph, with CUDA's part played by a fake on the CPU."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from tracks.base import Data, Track
from tracks.fused import graph
from tracks.instance import official_instance
from tracks.registry import get_track
from tracks.training import AutogradTraining, StaticTraining, training

TINY_LM = get_track("tiny_lm")


def prepared(track: Track) -> tuple[nn.Module, Data]:
    instance = official_instance(track.name, "tiny")
    return track.student(instance.seeds, "tiny"), track.data(instance.seeds, "tiny")


def on_gpu(data: Data) -> Data:
    """Data that says so."""
    given: Any = SimpleNamespace(is_cuda=True)
    return data._replace(train_inputs=given)


class FakeGraph:
    """Replays what was computed while it was recorded, as CUDA does."""

    def __init__(self) -> None:
        self.made: Any = None

    def replay(self) -> None:
        made = vars(self.made)
        made["_loss"].copy_(made["_training"].loss_and_gradients(made["_rows"]))


@pytest.fixture
def fake_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = SimpleNamespace(wait_stream=lambda other: None)
    monkeypatch.setattr(torch.cuda, "Stream", lambda: stream)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda: stream)
    monkeypatch.setattr(torch.cuda, "stream", nullcontext)
    monkeypatch.setattr(torch.cuda, "graph", nullcontext)
    monkeypatch.setattr(torch.cuda, "CUDAGraph", FakeGraph)


@pytest.mark.usefixtures("fake_cuda")
def test_a_recorded_step_has_the_gradients_of_a_plain_one_in_the_same_memory() -> None:
    plain_model, data = prepared(TINY_LM)
    model, _ = prepared(TINY_LM)
    plain = AutogradTraining(TINY_LM, plain_model, data)
    recorded: Any = graph.GraphedTraining(StaticTraining(TINY_LM, model, data), data)
    vars(recorded)["_graph"].made = recorded
    places = [parameter.grad for parameter in model.parameters()]
    for rows in data.batch_indices[:3]:
        assert recorded.gradients(rows) == plain.gradients(rows)
        for ours, theirs in zip(model.parameters(), plain_model.parameters(), strict=True):
            assert ours.grad is not None
            assert theirs.grad is not None
            assert torch.equal(ours.grad, theirs.grad)
    assert all(p.grad is place for p, place in zip(model.parameters(), places, strict=True))
    assert recorded.measure(True) == plain.measure(True)


@pytest.mark.parametrize(
    ("track", "name", "gpu", "recorded"),
    [
        (TINY_LM, "fused", True, True),
        (TINY_LM, "exact", True, False),
        (TINY_LM, "fused", False, False),
    ],
)
def test_only_fused_on_a_gpu_is_recorded(
    monkeypatch: pytest.MonkeyPatch, track: Track, name: Any, gpu: bool, recorded: bool
) -> None:
    model, data = prepared(track)
    monkeypatch.setattr(graph, "GraphedTraining", lambda of, _: of)
    made = training(name, track, model, on_gpu(data) if gpu else data)
    assert isinstance(made, StaticTraining) is recorded
    monkeypatch.setattr(type(track), "can_be_recorded", False)
    made = training(name, track, model, on_gpu(data) if gpu else data)
    assert type(made) is AutogradTraining


def test_a_step_that_cannot_be_recorded_is_computed_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*_: object) -> None:
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(graph, "GraphedTraining", refused)
    model, data = prepared(TINY_LM)
    assert type(training("fused", TINY_LM, model, on_gpu(data))) is AutogradTraining


def test_a_student_is_in_train_mode_for_every_step() -> None:
    model, data = prepared(TINY_LM)
    made = AutogradTraining(TINY_LM, model, data)
    model.eval()
    modes = []
    model.register_forward_hook(lambda *_: modes.append({m.training for m in model.modules()}))
    for rows in data.batch_indices[:2]:
        made.gradients(rows)
    made.measure(True)
    made.gradients(data.batch_indices[2])
    assert modes[:2] == [{True}, {True}]
    assert modes[2] == {False}
    assert modes[-1] == {True}
    model.eval()
    made.gradients(data.batch_indices[0])
    assert modes[-1] == {True}
