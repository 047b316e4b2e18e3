"""Step sizes of attention's products by how soft the attention is.

With normal inputs the logits of M and u have the spread s = |(M, u)| (Frobenius norms). Attention
is uniform at s = 0 and near one-hot at large s. The curvatures of the mean squared error over d
outputs follow s: that of P is 2 / d times the mean of sum_j A_ij^2, from 1 / keys to one; that of
M times d / |P|^2 is largest near s = 4, and falls as 1 / s once only rows near a tie have a
gradient.
"""

import torch
from torch import Tensor

from search_space.rules.blocks import SCORE_ROLES, Block

SOFT = 4.0  # s below which attention mixes many keys
HEAD_START = 3.4  # the step of M at uniform attention over that at one-hot attention
SLOWEST_TEMPERATURE = 8.0  # s to which the temperature's curvature grows as 1 / s
LARGEST_GROWTH = 0.5  # largest change of tau in one step
FIRST_SHARE = 0.4  # share of P's error that its first step is to remove
SIGNAL = 0.7  # share of the square of P's first gradient that is not noise of the batch


def logit_spread(block: Block) -> Tensor:
    """s = |(M, u)| of the layer of `block`, whose blocks are products."""
    scores, shift = block.family["q"].value, block.family["bq"].value
    return (scores.square().sum() + shift.square().sum()).sqrt()


def score_unit(block: Block) -> Tensor:
    """d / |P|^2: an error of the logits acts through P on the mean over d outputs."""
    values = block.family["v"].value
    return len(values) / values.square().sum().clamp(min=1e-12)


def softness_scale(block: Block, state: dict[str, Tensor], keys: float) -> Tensor | float:
    """The inverse curvature of P and c; for M and u d / |P|^2, less near s = 4, more at s = 0."""
    if "bk" not in block.family:
        return 1.0
    spread = logit_spread(block)
    if block.role in SCORE_ROLES:
        rise = spread / (spread + SOFT) + HEAD_START * torch.exp(-spread)
        return score_unit(block) * rise
    width = len(block.family["v"].value)
    if block.role == "v":
        return width / 2 * (1 + (fewer_keys(block.grad, state, keys) - 1) * torch.exp(-spread))
    return width / 2


def fewer_keys(grad: Tensor, state: dict[str, Tensor], keys: float) -> Tensor | float:
    """n, lowered once if P's second gradient shows that its first step was too large.

    While attention is uniform, a first step that removes a share h of P's error leaves
    <G_2, G_1> / |G_1|^2 near 0.7 - h, and h is in proportion to n.
    """
    if "keys" in state:
        return state["keys"]
    if "first" not in state:
        state["first"] = grad.clone()
        return keys
    first = state.pop("first")
    left = (grad * first).sum() / first.square().sum().clamp(min=1e-30)
    share = FIRST_SHARE / (SIGNAL - left).clamp(min=FIRST_SHARE)
    state["keys"] = (keys * share).clamp(min=1.0)
    return state["keys"]


def step_scale(block: Block, rate: float) -> None:
    """Step the common scale exp(tau) of M and u by its own curvature, out of their gradients.

    With g = <G, W> over W = (M, u), s = |W|: d^2L/dtau^2 is near |P|^2 / (d s), so that
    tau moves by -rate g d max(s, 8) / |P|^2, at most by 1/2; G <- G - W g / s^2.
    """
    both = (block, block.family["bq"])
    pair = [b for b in both if b.parameter.grad is not None]
    slope = torch.stack([(b.grad * b.value).sum() for b in pair]).sum()
    spread = logit_spread(block)
    newton = rate * score_unit(block) * spread.clamp(min=SLOWEST_TEMPERATURE) * slope
    growth = torch.exp(-newton.clamp(-LARGEST_GROWTH, LARGEST_GROWTH))
    for b in pair:
        b.grad.sub_(b.value * (slope / spread.square().clamp(min=1e-30)))
        b.value.mul_(growth)
