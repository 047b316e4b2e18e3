"""The data of the instances in use: built once each, shared by all trainers that need them."""

import os
import socket
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from tracks import wire
from tracks.instance import Instance

KEPT = 2
"""Instances kept at a time (a full random_teacher instance is 0.7 GB)."""


class DataError(Exception):
    """The data of an instance could not be built: a fault of the track or of the machine."""


class InstanceData:
    """Descriptor and layout of shared memory, and the audit of what is in it.

    The memory is given back when nothing refers to this object, or maps it, any more.
    """

    def __init__(self, descriptor: int, layout: dict[str, Any], audit: dict[str, Any]) -> None:
        self.descriptor = descriptor
        self.layout = layout
        self.audit = audit

    def __del__(self) -> None:
        os.close(self.descriptor)


class DataCache:
    """Keeps the instances used last. `fork` and `end` start and end a process, as Launcher's do."""

    def __init__(
        self, fork: Callable[[str, Sequence[int]], int], end: Callable[[int], object]
    ) -> None:
        self._fork = fork
        self._end = end
        self._lock = threading.Lock()
        self._known: OrderedDict[Instance, Future[InstanceData]] = OrderedDict()

    def get(self, instance: Instance) -> InstanceData:
        """The data of `instance`; whoever asks while it is being built waits for it."""
        with self._lock:
            future = self._known.get(instance)
            build = future is None
            if future is None:
                future = self._known[instance] = Future()
            self._known.move_to_end(instance)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        if build:
            try:
                future.set_result(self._build(instance))
            except Exception as error:
                with self._lock:
                    self._known.pop(instance, None)
                future.set_exception(error)
        return future.result()

    def _build(self, instance: Instance) -> InstanceData:
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                pid = self._fork("data", [theirs.fileno()])
            try:
                wire.send(ours, {"instance": instance.to_json()})
                answer, descriptors = wire.receive_with_descriptors(ours)
            except wire.WireError as error:
                raise DataError(f"building the data of {instance.track}: {error}") from error
            finally:
                self._end(pid)
        if "fault" in answer:
            raise DataError(f"building the data of {instance.track}:\n{answer['fault']}")
        return InstanceData(descriptors[0], answer["layout"], answer["audit"])
