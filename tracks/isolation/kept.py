"""What a trainer keeps from earlier jobs: data on its device, and memory shared with hosts."""

import os
from collections import OrderedDict

from torch import nn

from tracks.base import Data
from tracks.device import is_cuda
from tracks.instance import Instance
from tracks.isolation.gpu_memory import GpuMemory
from tracks.isolation.mirror_memory import MirrorMemory
from tracks.isolation.protocol import Job
from tracks.isolation.remote_optimizer import HostTensors
from tracks.isolation.shared_tensors import SharedTensors

KEPT_BYTES = 1_600_000_000
"""Room for two instances of random_teacher and its smaller rungs; beyond this, the oldest go."""


class Kept:
    """Data and memory by what they are for."""

    def __init__(self) -> None:
        self._data: OrderedDict[tuple[Instance, str], Data] = OrderedDict()
        self._memory: dict[str, GpuMemory] = {}
        self._mirrors: dict[str, MirrorMemory] = {}

    def data(self, job: Job, descriptor: int) -> Data:
        """The data of an instance on the device; the instances used last are kept."""
        key = (job.instance, job.device)
        if key in self._data:
            os.close(descriptor)
            self._data.move_to_end(key)
            return self._data[key]
        while self._data and sum(map(_size, self._data.values())) + job.data.size > KEPT_BYTES:
            self._data.popitem(last=False)
        shared = SharedTensors.attach(descriptor, job.data, private=True)
        data = self._data[key] = Data(*(tensor.to(job.device) for tensor in shared.tensors))
        return data

    def shared(self, parameters: list[nn.Parameter], job: Job) -> HostTensors:
        """Room for the parameters and their gradients that a host can open."""
        both, device = [*parameters, *parameters], job.device
        if not is_cuda(device):
            return SharedTensors.like(both)
        if not is_cuda(job.optimizer_device):
            return self._mirrors.setdefault(device, MirrorMemory(device)).like(both)
        return self._memory.setdefault(device, GpuMemory(device)).like(both)


def _size(data: Data) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in data)
