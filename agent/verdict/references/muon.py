"""Muon (Jordan et al. 2024) on hidden matrices, AdamW on all else; warm-up, linear decay to zero.

All else: vectors, and the first and the last matrix, embedding and readout in most models.
"""

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

LR = 0.02
MOMENTUM = 0.95
DECAY = 0.01
ADAM_LR = 0.01
BETA1 = 0.9
BETA2 = 0.99
WARMUP = 0.05
COOLDOWN = 0.6
QUINTIC = (3.4445, -4.7750, 2.0315)
ROUNDS = 5


def polar_factor(matrix: Tensor) -> Tensor:
    """U V^T of the matrix U S V^T, nearly, by Newton-Schulz iterations."""
    a, b, c = QUINTIC
    x = matrix / (matrix.norm() + 1e-7)
    if x.shape[0] > x.shape[1]:
        x = x.mT
    for _ in range(ROUNDS):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    polar: Tensor = x.mT if matrix.shape[0] > matrix.shape[1] else x
    return polar


class Submission(torch.optim.Optimizer):
    def __init__(self, params: ParamsT, max_steps: int = 400) -> None:
        super().__init__(params, {})
        every = [p for group in self.param_groups for p in group["params"]]
        self.matrices = [p for p in every if p.ndim >= 2][1:-1]
        hidden = {id(p) for p in self.matrices}
        rest = [p for p in every if id(p) not in hidden]
        self.adam = torch.optim.AdamW(rest, ADAM_LR, betas=(BETA1, BETA2), weight_decay=DECAY)
        self.max_steps, self.steps = max_steps, 0

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        self.steps += 1
        x = self.steps / self.max_steps
        share = max(0.0, min(1.0, x / WARMUP, (1 - x) / COOLDOWN))
        for p in self.matrices:
            if p.grad is None:
                continue
            state = self.state[p]
            momentum = state.setdefault("momentum", torch.zeros_like(p))
            momentum.lerp_(p.grad, 1 - MOMENTUM)
            nesterov = p.grad.lerp(momentum, MOMENTUM).flatten(1)
            rows, columns = nesterov.shape
            update = max(1.0, rows / columns) ** 0.5 * polar_factor(nesterov)
            p.mul_(1 - share * LR * DECAY).sub_(share * LR * update.view_as(p))
        self.adam.param_groups[0]["lr"] = share * ADAM_LR
        self.adam.step()
