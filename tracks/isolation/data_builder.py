"""The process that builds the data of one instance once, into memory that trainers then map."""

import hashlib
import socket
import traceback
from typing import Any

from torch import Tensor

from tracks.base import Data, Track
from tracks.contract import blaming, data_of, wrong
from tracks.instance import Instance
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
        with blaming(track, "data"):
            first = audit_of(_data(track, instance)) if asked.built_twice else None
            data = _data(track, instance)
            audit = audit_of(data)
        if first:
            _require_same(track, first, audit)
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


def _data(track: Track, instance: Instance) -> Data:
    return data_of(track, track.data(instance.seeds, instance.scale), instance.scale)


def _require_same(track: Track, first: Audit, second: Audit) -> None:
    """Raise TrackError unless both are audits of equal data."""
    for name in Data._fields:
        if first[name] != second[name]:
            remedy = "draw what is random from seeded(...) of one of the seeds"
            raise wrong(track, f"data gives other {name} for the same seeds; {remedy}")


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
