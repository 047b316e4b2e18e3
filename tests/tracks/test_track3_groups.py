"""The stand-in of track 3's parameters: order, types, first values and first gradients."""

import torch

from tracks.instance import official_instance
from tracks.registry import get_track, is_offered
from tracks.track3_groups import LAYERS, STEPS, TOKENS, WIDTH


def test_parameters_are_those_of_the_script_in_small() -> None:
    track = get_track("track3_all")
    assert not is_offered(track)
    seeds = official_instance(track.name).seeds
    table, *rest = track.student(seeds, "full").parameters()
    assert (table.dtype, tuple(table.shape)) == (torch.bfloat16, (TOKENS, WIDTH))
    shapes = [tuple(p.shape) for p in rest]
    assert len(rest) == 14 * LAYERS + 4
    assert shapes[8:12] == [(4 * WIDTH, WIDTH), (4 * WIDTH,), (WIDTH, 4 * WIDTH), (WIDTH,)]
    assert shapes[-4:] == [(TOKENS, WIDTH), (TOKENS,), (WIDTH,), (WIDTH,)]
    query, output, head, gain = rest[0], rest[6], rest[-4], rest[-1]
    assert query.std() > 0.1
    assert not output.any()
    assert not head.any()
    assert gain.eq(1).all()
    matrices = get_track("track3_matrices").student(seeds, "full").parameters()
    assert [p.shape for p in matrices] == [p.shape for p in rest[:-4] if p.ndim == 2]


def test_gradients_are_zero_until_the_zero_projections_have_moved() -> None:
    track = get_track("track3_all")
    instance = official_instance(track.name)
    model = track.student(instance.seeds, "full")
    directions = track.data(instance.seeds, "full").train_inputs
    assert len(directions) == STEPS
    lengths = [p.numel() for p in model.parameters()]
    moved = [[bool(part.any()) for part in row.split(lengths)] for row in directions[:3]]
    assert moved[0] == [False] * (1 + 14 * LAYERS) + [True, True, False, False]
    assert moved[1][:8] == [True, *[False] * 6, True]
    assert all(moved[2])
