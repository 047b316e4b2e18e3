"""Tracks: the official data to the bit, and what makes an instance fresh."""

import hashlib
from dataclasses import fields, replace

import pytest
import torch
from torch import Tensor

from tracks.instance import (
    OFFICIAL_SEEDS,
    WIDE,
    Seeds,
    drawn_instance,
    official_instance,
)
from tracks.registry import UnknownTrackError, all_tracks, get_track
from tracks.suite.random_teacher import CHUNK, RandomTeacher

BATCHES_OF_512 = "c892f1f997fdf8341e8497df57acf655f97f9cdcdaba154eecd35d03c7c4d5dd"
BATCHES_OF_256 = "8a3d14780b7fb7d0014d8ace4848a6d9d269dd8d815ab361d448705f53a68921"
INPUTS = {
    "single_ar": (
        "b5a7eaec870f04cd2f7712818db9a6e5ec4f5fa75f13986cbda45bc93b1a2e00",
        "2dae9c594b447b14a6bb5340560fb8e0386e31943a852de5b8ef8f9f28c037dd",
    ),
    "mqar": (
        "405dea22cc1ef4af8bdd13146bdf2a391539c1d6d0ced0dc70bb27d07cd9e2a9",
        "4045ffcbce0210fc7e9b4ce46f58fb4da887443912966a564c3d3f009288fb36",
    ),
}


def sha256(tensor: Tensor) -> str:
    return hashlib.sha256(tensor.contiguous().numpy()).hexdigest()


@pytest.mark.parametrize("track", INPUTS)
def test_official_tokens_and_batches(track: str) -> None:
    data = get_track(track).data(OFFICIAL_SEEDS, "full")
    assert (sha256(data.train_inputs), sha256(data.eval_inputs)) == INPUTS[track]
    assert sha256(data.batch_indices) == BATCHES_OF_256


def test_official_batches_of_random_teacher() -> None:
    from tracks.base import batch_indices

    scale = get_track("random_teacher").scales["full"]
    assert sha256(batch_indices(OFFICIAL_SEEDS, scale)) == BATCHES_OF_512


def test_teacher_outputs_in_chunks_have_the_bits_of_one_call() -> None:
    track = RandomTeacher()
    data = track.data(OFFICIAL_SEEDS, "quarter")
    teacher = track.teacher(OFFICIAL_SEEDS, track.scales["quarter"])
    inputs = data.train_inputs
    assert len(inputs) >= 3 * CHUNK
    with torch.no_grad():
        whole = teacher(inputs, inputs, inputs, need_weights=False)[0]
    assert torch.equal(data.train_targets, whole)
    assert data.train_targets.stride() == whole.stride()


def test_drawn_instances_differ_in_every_seed_and_repeat() -> None:
    first, second = (drawn_instance("mqar", f"secret/{i}") for i in range(2))
    for field in fields(Seeds):
        values = {getattr(i.seeds, field.name) for i in (first, second)}
        assert len(values) == 2
        assert getattr(OFFICIAL_SEEDS, field.name) not in values
    assert drawn_instance("mqar", "secret/0") == first
    assert not first.official
    assert official_instance("mqar").official


def test_fresh_tokens_are_a_permutation_of_the_layout() -> None:
    track = get_track("mqar")
    seeds = drawn_instance("mqar", "any").seeds
    plain = Seeds(**{**{f.name: getattr(seeds, f.name) for f in fields(Seeds)}, "tokens": None})
    permuted, laid_out = (track.data(s, "small") for s in (seeds, plain))
    assert torch.equal(permuted.train_targets, laid_out.train_targets)
    pairs = torch.stack([laid_out.train_inputs.flatten(), permuted.train_inputs.flatten()])
    mapping = dict(pairs.T.tolist())
    assert len(set(mapping.values())) == len(mapping)
    assert all(mapping[a] == b for a, b in pairs.T.tolist())
    assert mapping != {token: token for token in mapping}


@pytest.mark.parametrize("track", ["mqar", "single_ar", "tiny_lm"])
def test_tokens_of_a_drawn_key_follow_from_more_bits_than_can_be_tried(track: str) -> None:
    """Otherwise a submission tries all 2**32 seeds against the rows that gradients touch."""
    seeds = drawn_instance(track, f"{WIDE}any").seeds
    assert seeds.tokens is not None
    others = (seeds.tokens ^ 2**40, seeds.tokens % 2**32)
    first, *rest = (get_track(track).data(s, "tiny") for s in (
        seeds, *(replace(seeds, tokens=tokens) for tokens in others)
    ))  # fmt: skip
    assert not any(torch.equal(first.train_inputs, other.train_inputs) for other in rest)
    narrow = drawn_instance(track, "any").seeds
    assert narrow.tokens is not None
    assert narrow.tokens < 2**63 <= seeds.tokens


def test_fresh_teachers_differ() -> None:
    track = get_track("random_teacher")
    seeds = drawn_instance("random_teacher", "any").seeds
    fresh, official = (track.data(s, "small") for s in (seeds, OFFICIAL_SEEDS))
    assert not torch.equal(fresh.eval_targets, official.eval_targets)


def test_every_track_declares_what_the_rest_relies_on() -> None:
    assert {"random_teacher", "single_ar", "mqar", "tiny_lm"} <= set(all_tracks())
    for track in all_tracks().values():
        assert {"full", "small"} <= set(track.scales)
        assert set(track.eval_every) == {"final", "steps"}
        assert track.metric.name in ("mse", "accuracy", "bits_per_byte")


def test_an_unknown_track_is_told_with_those_there_are() -> None:
    with pytest.raises(UnknownTrackError, match=r"no track named 'moon'.*mqar"):
        get_track("moon")
