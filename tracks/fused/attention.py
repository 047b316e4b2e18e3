"""Self-attention's loss and closed-form gradients, chunk by chunk, without autograd.

The layer is a function of the products M = Wq^T Wk / sqrt(d), u = Wk^T bq / sqrt(d),
P = Wv^T Wo^T and c = Wo bv + bo (the key bias adds one number to all logits of a query). For a
sequence X [length, d]: A = softmax((X M + u) X^T), outputs A X P + c. With the error E of the
outputs, G = E (X P)^T and dS = A (G - rowsum(A G)), the gradients of M, u, P and c are X^T dS X,
the column sums of dS X, X^T A^T E and the column sums of E. They are summed over chunks that stay
in the processor's cache, and then turned into those of the parameters by the chain rule. They equal
autograd's up to rounding in single precision.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from tracks.base import Data
from tracks.fused.buffers import gradient_of, prepare_gradients
from tracks.fused.graph import Recordable

BUFFER = 2**17
"""Numbers in each of the four large buffers on a CPU, so that they stay in the cache; on a GPU the
buffers hold a whole batch."""


class Products(NamedTuple):
    """M [d, d], u [d], P [d, d], c [d]."""

    scores: Tensor
    shift: Tensor
    values: Tensor
    offset: Tensor


class FusedAttention(Recordable):
    """Trains a one-head `nn.MultiheadAttention` on the mean squared error of self-attention."""

    def __init__(self, model: nn.MultiheadAttention, data: Data) -> None:
        self._model = model
        self._data = data
        _, length, width = data.train_inputs.shape
        self._shape = (length, width)
        on_cpu = data.train_inputs.device.type == "cpu"
        self._chunk = max(1, BUFFER // (length * width)) if on_cpu else data.batch_indices.shape[1]
        tokens, square = (self._chunk, length, width), (self._chunk, length, length)
        make = data.train_inputs.new_empty
        self._x, self._error, self._queries, self._values = (make(tokens) for _ in range(4))
        self._scores, self._attention = (make(square) for _ in range(2))
        prepare_gradients(model)

    def loss_and_gradients(self, rows: Tensor) -> Tensor:
        products = self._products()
        sums = Products(*(torch.zeros_like(product) for product in products))
        loss = self._x.new_zeros(())
        inputs, targets = self._data.train_inputs, self._data.train_targets
        for start in range(0, len(rows), self._chunk):
            chunk = rows[start : start + self._chunk]
            loss += self._forward(products, inputs, targets, chunk)
            self._backward(sums, len(chunk))
        elements = len(rows) * self._shape[0] * self._shape[1]
        for total in sums:
            total.mul_(2 / elements)
        self._chain(sums)
        return loss / elements

    def measure(self, whole: bool = True) -> float:
        """Mean squared error on the evaluation set."""
        products = self._products()
        inputs, targets = self._data.eval_inputs, self._data.eval_targets
        total = torch.zeros((), dtype=torch.float64, device=inputs.device)
        for start in range(0, len(inputs), self._chunk):
            end = min(start + self._chunk, len(inputs))
            chunk = torch.arange(start, end, device=inputs.device)
            total += self._forward(products, inputs, targets, chunk)
        return total.item() / inputs.numel()

    def _products(self) -> Products:
        model = self._model
        wq, wk, wv = model.in_proj_weight.detach().chunk(3)
        bq, _, bv = model.in_proj_bias.detach().chunk(3)
        wo, bo = model.out_proj.weight.detach(), model.out_proj.bias.detach()
        root = self._shape[1] ** 0.5
        return Products(wq.T @ wk / root, wk.T @ bq / root, wv.T @ wo.T, wo @ bv + bo)

    def _forward(self, products: Products, inputs: Tensor, targets: Tensor, rows: Tensor) -> Tensor:
        """Squared error [] of samples `rows`; leaves the error and all else in the buffers."""
        x, error, queries, values = self._sequences(len(rows))
        scores, attention = self._scores[: len(rows)], self._attention[: len(rows)]
        torch.index_select(inputs, 0, rows, out=x)
        torch.index_select(targets, 0, rows, out=error)
        torch.addmm(products.shift, _flat(x), products.scores, out=_flat(queries))
        torch.mm(_flat(x), products.values, out=_flat(values))
        torch.bmm(queries, x.transpose(1, 2), out=scores)
        torch.softmax(scores, -1, out=attention)
        error.sub_(products.offset).baddbmm_(attention, values, beta=-1)
        return torch.dot(error.view(-1), error.view(-1))

    def _backward(self, sums: Products, count: int) -> None:
        """Add the gradients of half the squared error in the buffers to `sums`."""
        x, error, queries, values = self._sequences(count)
        slope, attention = self._scores[:count], self._attention[:count]
        sums.offset.add_(_flat(error).sum(0))
        torch.bmm(error, values.transpose(1, 2), out=slope)
        mixed = torch.bmm(attention.transpose(1, 2), error, out=values)
        sums.values.addmm_(_flat(x).T, _flat(mixed))
        slope.mul_(attention)
        slope.sub_(attention.mul_(slope.sum(-1, keepdim=True)))
        pushed = torch.bmm(slope, x, out=queries)
        sums.scores.addmm_(_flat(x).T, _flat(pushed))
        sums.shift.add_(_flat(pushed).sum(0))

    def _sequences(self, count: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The buffers [count, length, d]."""
        return (
            self._x[:count], self._error[:count], self._queries[:count], self._values[:count]
        )  # fmt: skip

    def _chain(self, sums: Products) -> None:
        """From the gradients of the products to those of the parameters."""
        model = self._model
        width = self._shape[1]
        root = width**0.5
        wq, wk, wv = model.in_proj_weight.detach().chunk(3)
        bq, _, bv = model.in_proj_bias.detach().chunk(3)
        wo = model.out_proj.weight.detach()
        weights = list(model.parameters())
        packed, bias, out, out_bias = (gradient_of(weight) for weight in weights)
        packed[:width] = wk @ sums.scores.T / root
        packed[width : 2 * width] = (wq @ sums.scores + torch.outer(bq, sums.shift)) / root
        packed[2 * width :] = wo.T @ sums.values.T
        bias[:width] = wk @ sums.shift / root
        bias[width : 2 * width] = 0
        bias[2 * width :] = wo.T @ sums.offset
        out.copy_(sums.values.T @ wv.T + torch.outer(sums.offset, bv))
        out_bias.copy_(sums.offset)


def _flat(x: Tensor) -> Tensor:
    return x.view(-1, x.shape[-1])
