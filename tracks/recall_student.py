"""The student of single_ar and mqar: one attention step over embedded tokens."""

import torch.nn.functional as F
from torch import Tensor, nn


class Recall(nn.Module):
    """Tokens [batch, pairs + queries] to logits [batch, queries, values].

    One embedding table for each of query, key and value, one attention step, a linear readout.
    """

    def __init__(self, vocabulary: int, values: int, pairs: int, width: int) -> None:
        super().__init__()
        self.pairs = pairs
        self.q = nn.Embedding(vocabulary, width)
        self.k = nn.Embedding(vocabulary, width)
        self.v = nn.Embedding(vocabulary, width)
        self.readout = nn.Linear(width, values)

    def forward(self, tokens: Tensor) -> Tensor:
        pairs, queries = tokens[:, : self.pairs], tokens[:, self.pairs :]
        recalled = F.scaled_dot_product_attention(self.q(queries), self.k(pairs), self.v(pairs))
        logits: Tensor = self.readout(recalled)
        return logits
