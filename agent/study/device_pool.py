"""The devices of an executor: an evaluation takes the least busy one of its kind."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tracks.device import CPU, kind, numbered


class DevicePool:
    """Counts the evaluations on each device; `devices` are of one kind."""

    def __init__(self, devices: Sequence[str]) -> None:
        self._at_work = {kind(devices[0]): Counter(dict.fromkeys(map(numbered, devices), 0))}
        self._assigning = threading.Lock()
        self.gpu_s = 0.0
        """Time that evaluations have held a GPU, summed over them."""

    @contextmanager
    def least_busy(self, kind: str) -> Iterator[str]:
        """The device of this kind with the fewest evaluations; another kind is one device."""
        with self._assigning:
            at_work = self._at_work.setdefault(kind, Counter({numbered(kind): 0}))
            device = min(at_work, key=at_work.__getitem__)
            at_work[device] += 1
        began = time.monotonic()
        try:
            yield device
        finally:
            with self._assigning:
                at_work[device] -= 1
                self.gpu_s += 0.0 if kind == CPU else time.monotonic() - began
