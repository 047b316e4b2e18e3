"""Log-odds keys: rows of token tables as distributions over queries and over answers.

For tables Q, K, V [n, d], readout R [c, d], bias [c] and scores <q, k> / sqrt(d). A row of Q that
comes into use gets a basis vector times sqrt(d), and R is the identity: entry a of a row of K is
its score for query a, entry b of a row of V its logit of answer b. Rows with a gradient move, by
G_K and G_V; Z = 0 at the start, and r = |G_V| / m for the mean m of |G_V| over the rows of the
first step. Entries of Z with a gradient move, with S = G_K / |G_V|:

    Z <- Z + h clip(log r - K, -3, 3) + (u where S < 0, o - e S where S > 0)
    K <- log softmax(Z) + log d
    V <- V - sqrt(r) (w V + s exp(-c sum(S)) G_V / |G_V|)
"""

from collections.abc import Iterable
from math import log

import torch
from torch import Tensor

TRACKED = 0.6  # h, how far a score moves to the logarithm of its row's gradient
RAISED = 3.3  # u, step of an entry of Z whose score should rise
OPTIMISM = 1.25  # o, step of an entry of Z whose score should fall, before it does
EXCLUDED = 0.6  # e, step down of an entry of Z, in units of |G_K| / |G_V|
VALUE_STEP = 1.6  # s, length of the step of a row of V with a gradient of norm m
VALUE_DECAY = 0.08  # w, share of V that a row with a gradient of norm m loses
CREDIT = 0.22  # c, how much further V moves where the scores of its row should rise
LIMIT = 3.0  # bound of a difference of logarithms
START = 0.01  # share of the initial K and V, which shows the rows of Q in use
TINY = 1e-30


class Submission(torch.optim.Optimizer):
    """Each switch removes a mechanism: without `sure`, steps up are as steps down, by e; without
    `tracking`, `optimism`, `exclusion`, `decay`, `credit`, the numbers h, o, e, w, c are 0; without
    `normalised`, K <- Z; without `root`, r stands for sqrt(r).
    """

    def __init__(
        self,
        params: Iterable[torch.nn.Parameter],
        tracking: bool = True,
        sure: bool = True,
        optimism: bool = True,
        exclusion: bool = True,
        normalised: bool = True,
        root: bool = True,
        decay: bool = True,
        credit: bool = True,
    ) -> None:
        super().__init__(params, {})
        self.sure, self.normalised, self.root = sure, normalised, root
        self.tracked, self.optimism = TRACKED * tracking, OPTIMISM * optimism
        self.excluded = EXCLUDED * exclusion
        self.decay, self.credit = VALUE_DECAY * decay, CREDIT * credit
        tensors = [p for group in self.param_groups for p in group["params"]]
        if len(tensors) != 5:
            raise ValueError(f"expected tables q, k, v, a readout and a bias, got {len(tensors)}")
        self.queries, self.keys, self.values, readout, bias = tensors
        with torch.no_grad():
            self.keys.mul_(START)
            self.values.mul_(START)
            readout.copy_(torch.eye(*readout.shape))
            bias.zero_()
        self.dual = torch.zeros_like(self.keys)  # Z
        self.addressed = torch.zeros(len(self.queries), dtype=torch.bool, device=self.keys.device)
        self.usual: Tensor | None = None  # m

    @torch.no_grad()
    def step(self) -> None:
        grads = [table.grad for table in (self.queries, self.keys, self.values)]
        of_queries, of_keys, of_values = (grad for grad in grads if grad is not None)
        known = int(self.addressed.sum())
        self.give_addresses(of_queries)
        norms = of_values.norm(dim=1, keepdim=True)
        rows = norms[:, 0] > 0
        if self.usual is None:
            self.usual = norms[rows].mean()
        # a row that met a query without an address has a gradient in all entries
        plain = ~of_keys[:, known:].any(dim=1, keepdim=True)
        slope = of_keys / norms.clamp(min=TINY) * plain
        size = norms / self.usual
        moved = rows & plain[:, 0]
        self.step_keys(moved, slope[moved], size[moved])
        self.step_values(rows, of_values[rows] / norms[rows], size[rows], slope[rows])

    def give_addresses(self, grad: Tensor) -> None:
        """Set rows of Q with their first gradient to the next basis vectors times sqrt(d)."""
        width = self.queries.shape[1]
        for row in (grad.any(dim=1) & ~self.addressed).nonzero()[:, 0]:
            self.queries[row] = 0.0
            self.queries[row, int(self.addressed.sum()) % width] = width**0.5
            self.addressed[row] = True

    def step_keys(self, rows: Tensor, slope: Tensor, size: Tensor) -> None:
        """`slope` and `size` are S and r of these rows."""
        up = RAISED * (slope < 0) if self.sure else EXCLUDED * (-slope).clamp(min=0)
        down = self.excluded * slope.clamp(min=0) - self.optimism * (slope > 0)
        missing = (size.log() - self.keys[rows]).clamp(-LIMIT, LIMIT) * (slope != 0)
        dual = self.dual[rows] + self.tracked * missing + up - down
        self.dual[rows] = dual
        if self.normalised:
            dual = dual.log_softmax(dim=1) + log(dual.shape[1])
        self.keys[rows] = dual

    def step_values(self, rows: Tensor, unit: Tensor, size: Tensor, slope: Tensor) -> None:
        """`unit`, `size` and `slope` are G_V / |G_V|, r and S of these rows."""
        length = size.sqrt() if self.root else size
        credit = (-self.credit * slope.sum(dim=1, keepdim=True)).clamp(-LIMIT, LIMIT).exp()
        kept = (1 - self.decay * length).clamp(min=0)
        self.values[rows] = kept * self.values[rows] - VALUE_STEP * length * credit * unit
