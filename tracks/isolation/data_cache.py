"""The data of the instances in use: built once each, shared by all trainers that need them."""

import os
import select
import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from tracks.instance import Instance
from tracks.isolation import wire
from tracks.isolation.errors import DataError
from tracks.isolation.limits import CALL_S, is_stopped
from tracks.isolation.protocol import Audit, Build, Built, Fault, Layout, Role
from tracks.registry import get_track
from tracks.track_file import TrackError, silent

KEPT_BYTES = max(1_600_000_000, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 10)
"""Room for two instances of random_teacher and its smaller rungs, or a tenth of the memory; beyond
this, the oldest go."""
CHECK_S = 5.0
"""Seconds between two checks that the building process is not suspended."""


@dataclass(eq=False)
class InstanceData:
    """Descriptor and layout of shared memory, and the audit of what is in it.

    The memory is given back when nothing refers to this object, or maps it, any more.
    """

    descriptor: int
    layout: Layout
    audit: Audit
    tried: bool
    """Whether its track has been tried on it, or is the suite's."""

    def __del__(self) -> None:
        os.close(self.descriptor)


class DataCache:
    """Keeps the instances used last. `fork` and `end` start and end a process, as Launcher's do."""

    def __init__(
        self, fork: Callable[[Role, Sequence[int]], int], end: Callable[[int], object]
    ) -> None:
        self._fork = fork
        self._end = end
        self._lock = threading.Lock()
        self._known: OrderedDict[Instance, Future[InstanceData]] = OrderedDict()

    def prepare(self, instance: Instance) -> Future[InstanceData]:
        """Start to build the data of `instance`, unless it is there or being built."""
        with self._lock:
            future = self._known.get(instance)
            if future is None:
                future = self._known[instance] = self._start(instance)
            self._known.move_to_end(instance)
            self._forget()
            return future

    def _forget(self) -> None:
        """Drop the least recently used instances; one that is being built has no size yet."""
        total = 0
        for age, (instance, future) in enumerate(reversed(list(self._known.items()))):
            if future.done() and not future.exception():
                size = future.result().layout.size
                if age and total + size > KEPT_BYTES:
                    del self._known[instance]
                else:
                    total += size

    def _start(self, instance: Instance) -> Future[InstanceData]:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                pid = self._fork("data", [theirs.fileno()])
            except BaseException:
                ours.close()
                raise
        future: Future[InstanceData] = Future()
        arguments = (instance, pid, ours, future)
        threading.Thread(target=self._finish, args=arguments, daemon=True).start()
        return future

    def _finish(
        self, instance: Instance, pid: int, channel: socket.socket, future: Future[InstanceData]
    ) -> None:
        try:
            try:
                data = _built(instance, pid, channel)
            finally:
                self._end(pid)
            future.set_result(data)
            with self._lock:
                self._forget()
        except Exception as error:
            with self._lock:
                self._known.pop(instance, None)
            failure: Exception = error
            if not isinstance(error, TrackError):
                failure = DataError(f"building the data of {instance.track}: {error}")
                failure.__cause__ = error
            future.set_exception(failure)


def _built(instance: Instance, pid: int, channel: socket.socket) -> InstanceData:
    with channel:
        track = get_track(instance.track)
        started, longest_s = time.monotonic(), max(CALL_S, track.time_limit_s)
        asked = Build(instance, track.source)
        longest_s *= 2 if asked.built_twice else 1
        wire.send(channel, asked)
        while not select.select([channel], [], [], CHECK_S)[0]:
            if is_stopped(pid):
                raise DataError("the process was suspended from outside")
            if track.source and time.monotonic() > started + longest_s:
                raise silent(track.source, "data", longest_s)
        answer, descriptors = wire.receive_with_descriptors(channel, Built, Fault)
    if isinstance(answer, Fault):
        raise TrackError(answer.blame) if answer.blame else DataError(answer.traceback)
    return InstanceData(descriptors[0], answer.layout, answer.audit, not track.source)
