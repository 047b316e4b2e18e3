"""AdamW (Loshchilov and Hutter 2019) with warm-up and a linear decay to zero."""

import torch
from torch.optim.optimizer import ParamsT

LR = 0.01
BETA1 = 0.9
BETA2 = 0.99
DECAY = 0.01
WARMUP = 0.05
COOLDOWN = 0.6


class Submission(torch.optim.AdamW):
    def __init__(self, params: ParamsT, max_steps: int = 400) -> None:
        super().__init__(params, LR, betas=(BETA1, BETA2), weight_decay=DECAY)
        self.max_steps, self.steps = max_steps, 0

    def step(self) -> None:  # type: ignore[override]
        self.steps += 1
        x = self.steps / self.max_steps
        for group in self.param_groups:
            group["lr"] = LR * max(0.0, min(1.0, x / WARMUP, (1 - x) / COOLDOWN))
        super().step()
