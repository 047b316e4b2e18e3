"""adam-ema, composed by autoresearch (spec ec9ba91f333b).

W <- W - eta(x) U for each block W with gradient G, at step t = x T of T:
- momentum: bias-corrected exponential average of gradients (Kingma and Ba 2015, arXiv:1412.6980)
      M <- b M + (1 - b) G;  U = M / (1 - b^t)
- direction: divided by the root of the averaged squares (Kingma and Ba 2015, arXiv:1412.6980)
      V <- b V + (1 - b) G^2;  U <- U / (sqrt(V / (1 - b^t)) + e)
- schedule: constant step size: eta(x) = eta
"""

import torch
from torch import Tensor
from torch.optim.optimizer import ParamsT

MOMENTUM = 0.9  # share of the average kept a step
SECOND_MOMENT = 0.99  # share of the average square kept a step
EPSILON = 1e-08  # added to the root, in units of the gradient
LEARNING_RATE = 0.01  # peak, in units of the update


def buffer(state: dict[str, Tensor], name: str, like: Tensor) -> Tensor:
    """`state[name]`, at first zeros in the shape of `like`."""
    return state[name] if name in state else state.setdefault(name, torch.zeros_like(like))


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
                grad, state = p.grad, self.state[p]
                t = state["t"] = state.get("t", 0) + 1
                momentum = buffer(state, "momentum", grad).lerp_(grad, 1 - MOMENTUM)
                update = momentum / (1 - MOMENTUM**t)
                second = buffer(state, "second", grad).lerp_(grad.square(), 1 - SECOND_MOMENT)
                update = update / ((second / (1 - SECOND_MOMENT**t)).sqrt() + EPSILON)
                p.sub_(lr * update)
