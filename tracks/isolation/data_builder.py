"""The process that builds the data of one instance once, into memory that trainers then map."""

import hashlib
import socket
import traceback
from typing import Any

from torch import Tensor

from tracks.base import Data
from tracks.contract import data_of
from tracks.isolation import wire
from tracks.isolation.protocol import Audit, Build, Built, Fault
from tracks.isolation.shared_tensors import SharedTensors
from tracks.registry import require_loaded
from tracks.track_file import blame

AUDIT_ROWS = 256
"""Samples hashed at once: a copy of the whole set would double its memory."""


def main(channels: list[socket.socket]) -> None:
    """Answer Build with Built and the descriptor of the data, or with Fault."""
    coordinator = channels[0]
    asked = wire.receive(coordinator, Build)
    instance = asked.instance
    try:
        track = require_loaded(instance.track, asked.track_source)
        data = data_of(track, track.data(instance.seeds, instance.scale), instance.scale)
        audit = audit_of(data)
        shared = SharedTensors.like(data)
        tensors = list(data)
        del data
        for target in shared.tensors:
            # freed one by one: the data and its copy are never both there in full
            target.copy_(tensors.pop(0))
        shared.seal()
        wire.send(coordinator, Built(shared.layout, audit), [shared.descriptor])
    except Exception as error:
        wire.send(coordinator, Fault(traceback.format_exc(), blame(error, asked.track_source)))


def audit_of(data: Data) -> Audit:
    """Shapes, types and SHA-256 of the data, as upstream writes them."""
    return {
        "hash_algorithm": "sha256",
        "serialization": "c_contiguous",
        "byte_order": "little",
        **{name: _audit(tensor) for name, tensor in data._asdict().items()},
    }


def _audit(tensor: Tensor) -> dict[str, str | list[int]]:
    digest = hashlib.sha256()
    for start in range(0, len(tensor), AUDIT_ROWS):
        content: Any = tensor[start : start + AUDIT_ROWS].contiguous().numpy()
        digest.update(content)
    return {
        "shape": list(tensor.shape),
        "dtype": str(tensor.dtype).removeprefix("torch."),
        "sha256": digest.hexdigest(),
    }
