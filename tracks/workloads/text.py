"""Two byte-level GPTs, on prose and on code, and a recurrent network on the same prose."""

from __future__ import annotations

import sysconfig
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tracks import bible
from tracks.base import Data, batch_indices, seeded
from tracks.instance import Seeds
from tracks.workload import Workload, chosen, size

if TYPE_CHECKING:
    from torch import Tensor, nn

LENGTH = 32
"""Bytes of a sample."""
CODE_BYTES = 2**20


@cache
def code() -> bytes:
    """Modules of Python's standard library, in alphabetical order, without what is not ASCII.

    Another version of Python has another text.
    """
    folder, read = Path(sysconfig.get_path("stdlib")), bytearray()
    for path in sorted(folder.glob("*.py")):
        read += path.read_bytes().decode("ascii", "ignore").encode()
        if len(read) >= CODE_BYTES:
            break
    return bytes(read[:CODE_BYTES])


class NextByte(Workload):
    """Predict the next byte of a text."""

    scales = size(batch=16, samples=8192, evaluated=128)

    def text(self) -> bytes:
        return bible.text()

    def data(self, seeds: Seeds, scale: str) -> Data:
        import torch

        size = self.scales[scale]
        text = torch.frombuffer(bytearray(self.text()), dtype=torch.uint8)
        # the first nine tenths are for training
        split = len(text) * 9 // 10
        read = _samples(text[:split], size.train_samples, seeds.train)
        unseen = _samples(text[split:], size.eval_samples, seeds.eval)
        return Data(*read, *unseen, batch_indices(seeds, size))

    def student(self, seeds: Seeds, scale: str) -> nn.Module:
        import torch

        from tracks.byte_gpt import ByteGPT

        torch.manual_seed(seeds.student)
        width, layers = chosen(seeds, "width", (32, 48, 64)), chosen(seeds, "layers", (1, 2))
        return ByteGPT(width, layers, width // 16, LENGTH)

    def loss(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> Tensor:
        from torch.nn.functional import cross_entropy

        return cross_entropy(model(inputs.long()).flatten(0, 1), targets.flatten().long())


class TextGPT(NextByte):
    name = "text_gpt"
    summary = "a byte-level GPT on English prose"
    length = 300


class CodeGPT(NextByte):
    name = "code_gpt"
    summary = "a byte-level GPT on Python code"
    length = 200

    def text(self) -> bytes:
        return code()


class Recurrent(NextByte):
    name = "recurrent"
    summary = "a gated recurrent network on English prose"
    length = 200

    def student(self, seeds: Seeds, scale: str) -> nn.Module:
        import torch

        from tracks.workloads.students import RecurrentBytes

        torch.manual_seed(seeds.student)
        return RecurrentBytes(chosen(seeds, "width", (48, 64, 96)))


def _samples(text: Tensor, count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Inputs and the bytes that follow them [count, LENGTH], from random places."""
    import torch

    starts = torch.randint(len(text) - LENGTH, (count, 1), generator=seeded(seed))
    rows = text[starts + torch.arange(LENGTH + 1)]
    return rows[:, :-1].contiguous(), rows[:, 1:].contiguous()


WORKLOADS = (TextGPT(), CodeGPT(), Recurrent())
