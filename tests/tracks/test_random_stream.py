"""The random stream is torch's generator, number by number."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tracks.random_stream import WIDE, RandomStream

SEEDS = st.integers(0, 2**63 - 1)


@given(seed=SEEDS, high=st.integers(1, WIDE - 1), counts=st.lists(st.integers(1, 700), max_size=3))
def test_integers_are_those_of_randint(seed: int, high: int, counts: list[int]) -> None:
    ours, theirs = RandomStream(seed), torch.Generator().manual_seed(seed)
    for count in counts:
        expected = torch.randint(0, high, (count, 2), generator=theirs)
        assert torch.equal(ours.integers(high, (count, 2)), expected)


@given(seed=SEEDS, length=st.integers(1, 70), count=st.integers(1, 12), kept=st.integers(1, 70))
def test_permutations_are_those_of_randperm(seed: int, length: int, count: int, kept: int) -> None:
    ours, theirs = RandomStream(seed), torch.Generator().manual_seed(seed)
    expected = torch.stack([torch.randperm(length, generator=theirs) for _ in range(count)])
    assert torch.equal(ours.permutations(length, count, kept), expected[:, :kept])
    # the stream stands where torch's stands
    assert torch.equal(ours.integers(9, (5,)), torch.randint(0, 9, (5,), generator=theirs))


def test_ranges_that_torch_draws_otherwise_are_refused() -> None:
    for high in (0, WIDE):
        with pytest.raises(ValueError, match="must hold"):
            RandomStream(1).integers(high, (1,))
