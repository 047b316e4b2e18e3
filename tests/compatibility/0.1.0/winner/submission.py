"""An optimizer composed by autoresearch: normalised.

W is a block of parameters, G its gradient, U its update, t the step, x = t / T the
fraction of the run that is done. At each step: W <- W - eta(x) U.

- momentum: no momentum (Robbins and Monro 1951)
      U = G
- direction: the averaged gradient, scaled to a root mean square of one (normalised gradient
  descent, Nesterov 1984)
      U <- U / rms(U)
- schedule: the same step size throughout
      eta(x) = eta
      eta(x) <- eta(x) min(1, (x - x0) / w), x0 the start of the phase

Spec a5e7804a1596.
"""

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

MAX_STEPS = 80  # length of the run, in steps
LEARNING_RATE = 0.051  # peak step size, in units of the update
WARMUP = 0.02993  # w, fraction of the run over which the step size rises


def unit_rms(update: Tensor) -> Tensor:
    """Scale to a root mean square of one."""
    return update / update.square().mean().sqrt().clamp(min=1e-30)


class Submission(torch.optim.Optimizer):
    def __init__(self, params: ParamsT, max_steps: int = MAX_STEPS) -> None:
        super().__init__(params, {})
        self.max_steps = max_steps
        self.steps_taken = 0
        self.parameters = [p for group in self.param_groups for p in group["params"]]

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        self.steps_taken += 1
        x = self.steps_taken / self.max_steps
        lr = LEARNING_RATE
        lr *= min(1.0, x / WARMUP)
        for p in self.parameters:
            if p.grad is None:
                continue
            value, grad = p.data, p.grad
            update = grad
            update = unit_rms(update)
            value.sub_(lr * update)
