"""sign-lookahead-cosine, composed by autoresearch (spec 03ac87c41b67).

W <- W - eta(x) U for each block W with gradient G, at step t = x T of T:
- momentum: average with its own weight for the new gradient (Chen et al. 2023, arXiv:2302.06675)
      U = a M + (1 - a) G;  M <- b M + (1 - b) G
- direction: the sign of every entry (Lion, Chen et al. 2023, arXiv:2302.06675): U <- sign(U)
- schedule: half a cosine to zero (SGDR, arXiv:1608.03983): eta(x) = eta (1 + cos(pi x)) / 2
"""

import math

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

BLEND = 0.9  # a, share of the average in the update
MOMENTUM = 0.99  # share of the average kept a step
LEARNING_RATE = 0.008  # peak, in units of the update


def buffer(state: dict[str, Tensor], name: str, like: Tensor) -> Tensor:
    """`state[name]`, at first zeros in the shape of `like`."""
    return state[name] if name in state else state.setdefault(name, torch.zeros_like(like))


class Submission(torch.optim.Optimizer):
    def __init__(self, params: ParamsT, max_steps: int = 40) -> None:
        super().__init__(params, {})
        self.max_steps, self.steps = max_steps, 0

    @torch.no_grad()
    def step(self) -> None:
        self.steps += 1
        lr = LEARNING_RATE * (1 + math.cos(math.pi * min(self.steps / self.max_steps, 1.0))) / 2
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                grad, state = p.grad, self.state[p]
                momentum = buffer(state, "momentum", grad)
                update = grad.lerp(momentum, BLEND)
                momentum.lerp_(grad, 1 - MOMENTUM)
                update = update.sign()
                p.sub_(lr * update)
