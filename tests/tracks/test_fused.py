"""Training by formula: the gradients of autograd, the generator's numbers, the same verdicts."""

import pytest
import torch
from torch import nn

from helpers import Run
from search_space.recipes import RECIPES
from search_space.render import render
from tracks.base import Data
from tracks.fused.buffers import gradient_of
from tracks.fused.recall import FusedRecall
from tracks.instance import official_instance
from tracks.random_stream import RandomStream
from tracks.registry import get_track
from tracks.training import AutogradTraining, training

TRACKS = ("random_teacher", "mqar", "single_ar")


def prepared(name: str, dtype: torch.dtype) -> tuple[nn.Module, Data]:
    track, instance = get_track(name), official_instance(name, "small")
    data = track.data(instance.seeds, "small")
    model = track.student(instance.seeds, "small").to(dtype)
    with torch.no_grad():
        for parameter in model.parameters():
            # attention that is not flat, biases that are not zero
            shift = torch.linspace(-0.2, 0.2, parameter.numel(), dtype=dtype)
            parameter.mul_(3).add_(shift.view_as(parameter))
    return model, Data(*(t.to(dtype) if t.is_floating_point() else t for t in data))


@pytest.mark.parametrize("track", TRACKS)
@pytest.mark.parametrize("batch", [1, 7, 32])
def test_the_gradients_are_those_of_autograd(track: str, batch: int) -> None:
    model, data = prepared(track, torch.float64)
    fused = training("fused", get_track(track), model, data)
    assert not isinstance(fused, AutogradTraining)
    for rows in data.batch_indices[:3, :batch]:
        loss = fused.gradients(rows)
        ours = [p.grad.clone() for p in model.parameters() if p.grad is not None]
        expected = get_track(track).loss(model, data.train_inputs[rows], data.train_targets[rows])
        theirs = torch.autograd.grad(expected, list(model.parameters()))
        assert loss == pytest.approx(expected.item(), rel=1e-12)
        for one, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-13)


def test_tables_are_cleared_as_on_a_gpu_with_the_same_result() -> None:
    gradients = []
    for on_cpu in (True, False):
        model, data = prepared("mqar", torch.float64)
        # where the metric's data is decides; there is no GPU here, and no metric is asked for
        elsewhere = data.eval_inputs.to("cpu" if on_cpu else "meta")
        there = data._replace(eval_inputs=elsewhere)
        fused = FusedRecall(model, there, get_track("mqar").scales["small"].pairs, 0.99)  # type: ignore[attr-defined]
        for rows in data.batch_indices[:3, :16]:
            fused.gradients(rows)
        gradients.append([gradient_of(parameter) for parameter in model.parameters()])
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("track", TRACKS)
def test_single_precision_is_as_good_as_autograd(track: str) -> None:
    exact_model, exact_data = prepared(track, torch.float64)
    model, data = prepared(track, torch.float32)
    rows = data.batch_indices[0]
    training("fused", get_track(track), exact_model, exact_data).gradients(rows)
    truth = [p.grad for p in exact_model.parameters()]
    errors = []
    for name in ("exact", "fused"):
        training(name, get_track(track), model, data).gradients(rows)  # type: ignore[arg-type]
        pairs = zip(model.parameters(), truth, strict=True)
        errors.append([float((p.grad - t).norm() / t.norm().clamp(min=1e-9)) for p, t in pairs])
    for exact, fused in zip(*errors, strict=True):
        assert fused < 4 * exact + 1e-6


@pytest.mark.parametrize("track", TRACKS)
def test_the_metric_is_the_tracks(track: str) -> None:
    model, data = prepared(track, torch.float32)
    exact = training("exact", get_track(track), model, data).measure(True)
    assert training("fused", get_track(track), model, data).measure(True) == pytest.approx(exact)


def test_a_look_that_must_miss_may_end_early_and_no_other() -> None:
    model, data = prepared("mqar", torch.float32)
    many = Data(data.train_inputs, data.train_targets, data.eval_inputs.repeat(8, 1),
                data.eval_targets.repeat(8, 1), data.batch_indices)  # fmt: skip
    fused = training("fused", get_track("mqar"), model, many)
    assert fused.measure(False) < 0.99
    right = many._replace(eval_targets=model(many.eval_inputs).argmax(-1))
    fused = training("fused", get_track("mqar"), model, right)
    assert fused.measure(False) == fused.measure(True) == 1.0


@pytest.mark.parametrize("seed", [0, 161803, 2**40 + 17])
def test_the_stream_is_that_of_torch(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    stream = RandomStream(seed)
    expected = torch.stack([torch.randperm(64, generator=generator)[:8] for _ in range(50)])
    assert torch.equal(stream.permutations(64, 50, kept=8), expected)
    assert torch.equal(stream.integers(8, (9, 3)), torch.randint(8, (9, 3), generator=generator))
    whole = torch.stack([torch.randperm(5, generator=generator) for _ in range(20)])
    assert torch.equal(stream.permutations(5, 20, kept=5), whole)


@pytest.mark.parametrize(
    ("track", "recipe"),
    [("random_teacher", "adamw"), ("random_teacher", "product_space"), ("mqar", "adamw_fast"),
     ("single_ar", "row_adam")],
)  # fmt: skip
def test_both_trainers_tell_the_same_story(run: Run, track: str, recipe: str) -> None:
    source = render(RECIPES[recipe], get_track(track).scales["small"].max_steps)
    exact, fused = (run(source, track, eval_every=1, trainer=t) for t in ("exact", "fused"))
    assert (exact.procedure.trainer, fused.procedure.trainer) == ("exact", "fused")
    assert fused.complete, fused.reason
    assert fused.steps_to_target == exact.steps_to_target
    assert fused.last == pytest.approx(exact.last, rel=0.05)
    assert fused.last_train_loss == pytest.approx(exact.last_train_loss, rel=0.05)
