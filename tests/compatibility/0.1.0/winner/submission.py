"""normalised, composed by autoresearch (spec f833f251df3e).

W <- W - eta(x) U for each block W with gradient G, at step t = x T of T:
- momentum: no momentum (Robbins and Monro 1951): U = G
- direction: the averaged gradient, scaled to a root mean square of one (normalised gradient
  descent, Nesterov 1984)
      U <- U / rms(U)
- schedule: constant step size: eta(x) = eta
"""

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

LEARNING_RATE = 0.05  # peak, in units of the update


def unit_rms(update: Tensor) -> Tensor:
    """Scale to a root mean square of one."""
    return update / update.square().mean().sqrt().clamp(min=1e-30)


class Submission(torch.optim.Optimizer):
    def __init__(self, params: ParamsT) -> None:
        super().__init__(params, {})

    @torch.no_grad()
    def step(self) -> None:
        lr = LEARNING_RATE
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                grad = p.grad
                update = grad
                update = unit_rms(update)
                p.sub_(lr * update)
