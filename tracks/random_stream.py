"""The numbers of a seeded CPU generator of torch, many at a time.

torch.randperm and torch.randint draw 32-bit words of a Mersenne Twister one by one; numpy has the
same generator and hands out its words as an array, from which the same integers follow at once.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

WIDE = 2**28
"""From this range on torch.randint draws words of 64 bits."""


class RandomStream:
    """Draws what `torch.Generator().manual_seed(seed)` would give, in the same order."""

    def __init__(self, seed: int) -> None:
        self._twister = np.random.MT19937()
        # torch uses the lower 32 bits of a seed, and seeds as numpy's older interface does
        state: Any = np.random.RandomState(seed & 0xFFFFFFFF).get_state(legacy=False)
        self._twister.state = state

    def _words(self, count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return self._twister.random_raw(count).astype(np.int64)

    def integers(self, high: int, shape: tuple[int, ...]) -> Tensor:
        """`torch.randint(high, shape)`: words modulo `high`, below WIDE. Raises ValueError."""
        if not 0 < high < WIDE:
            raise ValueError(f"0 < high < {WIDE} must hold, but got high={high}")
        words = self._words(int(np.prod(shape)))
        return torch.from_numpy(words % high).view(shape)

    def permutations(self, length: int, count: int, kept: int) -> Tensor:
        """The first `kept` entries of `count` calls of `torch.randperm(length)`, [count, kept].

        A call swaps entry i with entry i + word % (length - i) for i = 0, 1, ..., length - 2.
        """
        words = self._words(count * (length - 1)).reshape(count, length - 1)
        entries = np.tile(np.arange(length), (count, 1))
        rows = np.arange(count)
        for index in range(min(kept, length - 1)):
            other = index + words[:, index] % (length - index)
            entries[rows, index], entries[rows, other] = (
                entries[rows, other],
                entries[rows, index],
            )
        return torch.from_numpy(entries[:, :kept].copy())
