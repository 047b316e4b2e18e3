"""What a block remembers from step to step."""

import torch
from torch import Tensor


def remembered(state: dict[str, Tensor], name: str, like: Tensor) -> Tensor:
    """`state[name]`, which begins as zeros in the shape of `like`."""
    return state[name] if name in state else state.setdefault(name, torch.zeros_like(like))
