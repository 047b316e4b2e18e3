"""Self-attention's loss and gradients by formula, chunk by chunk, without autograd.

The layer is a function of the products M = Wq^T Wk / sqrt(d), u = Wk^T bq / sqrt(d),
P = Wv^T Wo^T and c = Wo bv + bo (the key bias adds one number to all logits of a query). For a
sequence X [length, d]: Y = X M + u, A = softmax(Y X^T), outputs A X P + c. Gradients of the
products are summed over chunks that stay in the processor's cache, and then turned into those of
the parameters by the chain rule. They equal autograd's up to rounding in single precision.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from tracks.base import Data
from tracks.fused.buffers import gradient_of, prepare_gradients

CHUNK = 8
"""Sequences at a time: 64 x 128 numbers each, so that all buffers fit a 2 MB cache."""


class Products(NamedTuple):
    """M [d, d], u [d], P [d, d], c [d]."""

    scores: Tensor
    shift: Tensor
    values: Tensor
    offset: Tensor


class FusedAttention:
    """Trains a one-head `nn.MultiheadAttention` on the mean squared error of self-attention."""

    def __init__(self, model: nn.MultiheadAttention, data: Data) -> None:
        self._model = model
        self._data = data
        _, length, width = data.train_inputs.shape
        self._shape = (length, width)
        tokens, square = (CHUNK, length, width), (CHUNK, length, length)
        make = data.train_inputs.new_empty
        self._x, self._target, self._y, self._mixed, self._out, self._back = (
            make(tokens) for _ in range(6)
        )
        self._scores, self._attention, self._slope = (make(square) for _ in range(3))
        prepare_gradients(model)

    def gradients(self, rows: Tensor) -> float:
        """Set `.grad` of all parameters to the gradient on samples `rows` [batch]; the loss."""
        products = self._products()
        sums = Products(*(torch.zeros_like(product) for product in products))
        scale = 2.0 / (len(rows) * self._shape[0] * self._shape[1])
        loss = self._x.new_zeros(())
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            self._load(self._data.train_inputs, self._data.train_targets, chunk)
            self._forward(products, len(chunk))
            self._backward(products, sums, len(chunk), scale, loss)
        self._chain(products, sums)
        return loss.item() * scale / 2

    def measure(self, whole: bool = True) -> float:
        """Mean squared error on the evaluation set."""
        products = self._products()
        inputs, targets = self._data.eval_inputs, self._data.eval_targets
        total = torch.zeros((), dtype=torch.float64)
        for start in range(0, len(inputs), CHUNK):
            chunk = torch.arange(start, min(start + CHUNK, len(inputs)))
            self._load(inputs, targets, chunk)
            error = self._forward(products, len(chunk)).sub_(self._target[: len(chunk)])
            total += torch.dot(error.view(-1), error.view(-1))
        return total.item() / inputs.numel()

    def _products(self) -> Products:
        model = self._model
        wq, wk, wv = model.in_proj_weight.detach().chunk(3)
        bq, _, bv = model.in_proj_bias.detach().chunk(3)
        wo, bo = model.out_proj.weight.detach(), model.out_proj.bias.detach()
        root = self._shape[1] ** 0.5
        return Products(wq.T @ wk / root, wk.T @ bq / root, wv.T @ wo.T, wo @ bv + bo)

    def _load(self, inputs: Tensor, targets: Tensor, rows: Tensor) -> None:
        torch.index_select(inputs, 0, rows, out=self._x[: len(rows)])
        torch.index_select(targets, 0, rows, out=self._target[: len(rows)])

    def _forward(self, products: Products, count: int) -> Tensor:
        """Outputs [count, length, d] for the chunk in the buffers."""
        x, y, mixed, out = (b[:count] for b in (self._x, self._y, self._mixed, self._out))
        scores, attention = self._scores[:count], self._attention[:count]
        torch.addmm(products.shift, _flat(x), products.scores, out=_flat(y))
        torch.bmm(y, x.transpose(1, 2), out=scores)
        torch.softmax(scores, -1, out=attention)
        torch.bmm(attention, x, out=mixed)
        torch.addmm(products.offset, _flat(mixed), products.values, out=_flat(out))
        return out

    def _backward(
        self, products: Products, sums: Products, count: int, scale: float, loss: Tensor
    ) -> None:
        """Add the chunk's squared error to `loss` and its gradients to `sums`."""
        x, error, mixed, back = (b[:count] for b in (self._x, self._out, self._mixed, self._back))
        attention, slope = self._attention[:count], self._slope[:count]
        error.sub_(self._target[:count])
        loss += torch.dot(error.view(-1), error.view(-1))
        error.mul_(scale)
        sums.values.addmm_(_flat(mixed).T, _flat(error))
        sums.offset.add_(_flat(error).sum(0))
        torch.mm(_flat(error), products.values.T, out=_flat(back))
        torch.bmm(back, x.transpose(1, 2), out=slope)
        # the softmax: dS = A (dA - sum of dA A over the row)
        slope.mul_(attention)
        slope.sub_(attention.mul_(slope.sum(-1, keepdim=True)))
        torch.bmm(slope, x, out=back)
        sums.scores.addmm_(_flat(x).T, _flat(back))
        sums.shift.add_(_flat(back).sum(0))

    def _chain(self, products: Products, sums: Products) -> None:
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
