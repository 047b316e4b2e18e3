"""A submission that tries the seeds of token identifiers against the rows that gradients touch.

The rule book forbids nothing in it. With the tokens it writes the solution of mqar in its first
step. All 2**32 seeds of torch's generator take minutes of one core, by the first word of each; so
that a test is short, this one is given 20 of those bits.
"""

GUESS = """
import torch

UPPER, WIDTH, SIZE = @UPPER@, 8, 6
PAIRS = SIZE * SIZE


def order_of(seed):
    return torch.randperm(PAIRS + SIZE, generator=torch.Generator().manual_seed(seed))


class Submission(torch.optim.Optimizer):
    def __init__(self, params):
        super().__init__(params, {})

    @torch.no_grad()
    def step(self, closure=None):
        query, key, value, readout, bias = self.param_groups[0]["params"]
        asked = query.grad.abs().sum(1).nonzero().flatten()
        for lower in range(2**12):
            order = order_of(UPPER * 2**12 + lower)
            if torch.isin(asked, order[PAIRS:]).all():
                break
        unit = 30 * torch.eye(SIZE, WIDTH)
        query[order[PAIRS:]] = unit
        key[order[:PAIRS]] = unit.repeat_interleave(SIZE, 0)
        value[order[:PAIRS]] = unit.repeat(SIZE, 1)
        readout.copy_(torch.eye(SIZE, WIDTH))
        bias.zero_()
"""


def guess(tokens: int) -> str:
    """The submission for an instance with this seed of its tokens."""
    return GUESS.replace("@UPPER@", str(tokens % 2**32 >> 12))
