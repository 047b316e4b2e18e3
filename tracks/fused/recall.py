"""Token recall's loss and closed-form gradients, touching only the rows that a batch uses.

For queries q, keys k and values v of a sequence: A = softmax(q k^T / sqrt(d)), cross entropy of
the logits A v W^T + b over all queries. Gradients of the tables are sums over the rows that occur;
the others stay zero without being written again. They equal autograd's up to rounding.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from tracks.base import Data
from tracks.fused.buffers import gradient_of, prepare_gradients
from tracks.fused.graph import Recordable

CHUNK = 128
"""Samples measured on a CPU between two decisions to go on; a GPU measures all of them at once."""


class FusedRecall(Recordable):
    """Trains tables q, k, v and a readout on the cross entropy of recalled values."""

    def __init__(self, model: torch.nn.Module, data: Data, pairs: int, target: float) -> None:
        self._q, self._k, self._v, self._readout, self._bias = model.parameters()
        self._data = data
        self._pairs = pairs
        self._target = target
        self._on_cpu = data.eval_inputs.device.type == "cpu"
        self._touched: tuple[Tensor, ...] = ()
        prepare_gradients(model)

    def loss_and_gradients(self, rows: Tensor) -> Tensor:
        tokens, targets = self._data.train_inputs[rows], self._data.train_targets[rows]
        pairs, queries = tokens[:, : self._pairs], tokens[:, self._pairs :]
        with torch.no_grad():
            q, k, v = self._look_up(queries, pairs)
            scale = q.shape[-1] ** -0.5
            attention = torch.softmax(torch.bmm(q, k.transpose(1, 2)) * scale, -1)
            mixed = torch.bmm(attention, v)
            flat, wanted = mixed.view(-1, mixed.shape[-1]), targets.reshape(-1)
            logits = torch.addmm(self._bias, flat, self._readout.T)
            logs = torch.log_softmax(logits, -1)
            loss = -logs.gather(1, wanted[:, None]).mean()
            slope = logs.exp_()
            slope.scatter_add_(1, wanted[:, None], slope.new_full((len(slope), 1), -1.0))
            slope.div_(len(slope))
            torch.mm(slope.T, flat, out=gradient_of(self._readout))
            torch.sum(slope, 0, out=gradient_of(self._bias))
            back = torch.mm(slope, self._readout).view_as(mixed)
            raised = torch.bmm(back, v.transpose(1, 2)).mul_(attention)
            scores = (raised - attention * raised.sum(-1, keepdim=True)).mul_(scale)
            self._write(queries, pairs, torch.bmm(scores, k),
                        torch.bmm(scores.transpose(1, 2), q),
                        torch.bmm(attention.transpose(1, 2), back))  # fmt: skip
        return loss

    def measure(self, whole: bool = True) -> float:
        """Accuracy on the evaluation set; unless `whole`, on its beginning once it must miss."""
        inputs, targets = self._data.eval_inputs, self._data.eval_targets
        allowed = (1 - self._target) * targets.numel()
        seen = wrong = 0
        with torch.no_grad():
            size = CHUNK if self._on_cpu else len(inputs)
            for start in range(0, len(inputs), size):
                logits = self._logits(inputs[start : start + size])
                expected = targets[start : start + size]
                wrong += int((logits.argmax(-1) != expected).sum())
                seen += expected.numel()
                if wrong > allowed and not whole:
                    break
        return 1 - wrong / seen

    def _logits(self, tokens: Tensor) -> Tensor:
        pairs, queries = tokens[:, : self._pairs], tokens[:, self._pairs :]
        q, k, v = self._look_up(queries, pairs)
        attention = torch.softmax(torch.bmm(q, k.transpose(1, 2)) * q.shape[-1] ** -0.5, -1)
        return F.linear(torch.bmm(attention, v), self._readout, self._bias)

    def _look_up(self, queries: Tensor, pairs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        rows = F.embedding
        return rows(queries, self._q), rows(pairs, self._k), rows(pairs, self._v)

    def _write(self, queries: Tensor, pairs: Tensor, dq: Tensor, dk: Tensor, dv: Tensor) -> None:
        rows = (queries.reshape(-1), pairs.reshape(-1), pairs.reshape(-1))
        tables = [gradient_of(table) for table in (self._q, self._k, self._v)]
        if self._on_cpu:
            for table, before in zip(tables, self._touched, strict=False):
                table.index_fill_(0, before, 0.0)
        else:
            # a recorded step sees no rows but its own, and a GPU clears a table in microseconds
            for table in tables:
                table.zero_()
        for table, now, gradient in zip(tables, rows, (dq, dk, dv), strict=True):
            table.index_add_(0, now, gradient.reshape(len(now), -1))
        self._touched = rows
