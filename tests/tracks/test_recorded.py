"""A training step as a CUDA graph, with CUDA's part played by a fake on the CPU."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from helpers.fake_cuda import FakeCuda, on_gpu
from tracks.base import Data, Track
from tracks.fused import graph
from tracks.instance import official_instance
from tracks.registry import get_track
from tracks.training import AutogradTraining, StaticTraining, training

TINY_LM = get_track("tiny_lm")


def prepared(track: Track) -> tuple[nn.Module, Data]:
    instance = official_instance(track.name, "tiny")
    return track.student(instance.seeds, "tiny"), track.data(instance.seeds, "tiny")


@pytest.fixture
def fake_cuda(monkeypatch: pytest.MonkeyPatch) -> FakeCuda:
    return FakeCuda(monkeypatch)


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


def test_a_step_that_cannot_be_recorded_is_computed_as_it_is(fake_cuda: FakeCuda) -> None:
    """Torch goes on in the stream of a recording that failed, and takes it as not ended."""
    fake_cuda.refused = True
    model, data = prepared(TINY_LM)
    made = training("fused", TINY_LM, model, on_gpu(data))
    assert type(made) is AutogradTraining
    assert made.gradients(data.batch_indices[0]) > 0
    assert fake_cuda.current is fake_cuda.default
    assert graph.has_failed()


def test_what_waits_for_the_gpu_is_found_before_it_is_recorded(
    fake_cuda: FakeCuda, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed = type(TINY_LM).loss

    def loss(*given: Any) -> Tensor:
        if fake_cuda.mode == "error":
            raise RuntimeError("called a synchronizing CUDA operation")
        return computed(*given)

    monkeypatch.setattr(type(TINY_LM), "loss", loss)
    model, data = prepared(TINY_LM)
    assert type(training("fused", TINY_LM, model, on_gpu(data))) is AutogradTraining
    assert fake_cuda.mode == 0
    assert not graph.has_failed()


@pytest.mark.usefixtures("fake_cuda")
def test_a_lack_of_memory_is_no_step_that_cannot_be_recorded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    monkeypatch.setattr(type(TINY_LM), "loss", full)
    model, data = prepared(TINY_LM)
    with pytest.raises(torch.OutOfMemoryError):
        training("fused", TINY_LM, model, on_gpu(data))


@pytest.mark.usefixtures("fake_cuda")
def test_steps_before_a_recording_are_no_part_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each forward pass counts in the statistics of a student with batch norm."""
    computed = type(TINY_LM).loss

    def loss(track: Any, model: nn.Module, *given: Tensor) -> Tensor:
        model.get_buffer("batches").add_(1)
        return computed(track, model, *given)

    monkeypatch.setattr(type(TINY_LM), "loss", loss)
    model, data = prepared(TINY_LM)
    model.register_buffer("batches", torch.zeros(()))
    assert isinstance(training("fused", TINY_LM, model, on_gpu(data)), graph.GraphedTraining)
    assert model.get_buffer("batches").item() == 0


def test_all_recordings_use_one_stream(fake_cuda: FakeCuda) -> None:
    for _ in range(3):
        model, data = prepared(TINY_LM)
        training("fused", TINY_LM, model, on_gpu(data))
    assert len(fake_cuda.streams) <= 1


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
