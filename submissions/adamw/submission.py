"""AdamW as PyTorch ships it, with the benchmark's baseline settings."""

from collections.abc import Iterable

import torch


class Submission(torch.optim.AdamW):
    def __init__(self, params: Iterable[torch.nn.Parameter]) -> None:
        super().__init__(params, lr=1e-2, betas=(0.9, 0.99), weight_decay=0.0)
