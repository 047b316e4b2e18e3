"""normalised, composed by autoresearch (spec a5e7804a1596).

W <- W - eta(x) U for each block W with gradient G, at step t = x T of T:
- momentum: no momentum (Robbins and Monro 1951): U = G
- direction: the averaged gradient, scaled to a root mean square of one (normalised gradient
  descent, Nesterov 1984)
      U <- U / rms(U)
- schedule: the same step size throughout
      eta(x) = eta;  eta(x) <- eta(x) min(1, (x - x0) / w), x0 the start of the phase
"""

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

LEARNING_RATE = 0.051  # peak step size, in units of the update
WARMUP = 0.02993  # w, fraction of the run over which the step size rises


def unit_rms(update: Tensor) -> Tensor:
    """Scale to a root mean square of one."""
    return update / update.square().mean().sqrt().clamp(min=1e-30)


class Submission(torch.optim.Optimizer):
    def __init__(self, params: ParamsT, max_steps: int = 80) -> None:
        super().__init__(params, {})
        self.max_steps, self.steps = max_steps, 0

    @torch.no_grad()
    def step(self) -> None:
        self.steps += 1
        x = self.steps / self.max_steps
        lr = LEARNING_RATE
        lr *= min(1.0, x / WARMUP)
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                grad = p.grad
                update = grad
                update = unit_rms(update)
                p.sub_(lr * update)
