"""Time limits in multiples of the time of adamw on this machine under its present load."""

import threading
from collections.abc import Callable

from tracks.instance import Instance
from tracks.isolation.limits import LONGEST_S
from tracks.procedure import Procedure
from tracks.registry import get_track

GROWTH = 1.1
"""A smaller growth of the limit is within the error of a calibration."""


class TimeLimits:
    """Times of adamw by track, scale, trainer and steps; measured when a run reaches its limit."""

    def __init__(self) -> None:
        self._adamw_s: dict[tuple[str, str, str, int | None], list[float]] = {}
        self._calibrating = threading.Lock()

    def extended(
        self, instance: Instance, procedure: Procedure, limit_s: float, adamw_s: Callable[[], float]
    ) -> float:
        """The new limit of a run that has reached `limit_s`; the same where its time is up.

        The last calibration is used while it extends the limit; otherwise the load may have grown,
        and `adamw_s` measures again. Of several runs that ask at once, one measures.
        """
        key = (instance.track, instance.scale, procedure.trainer, procedure.steps)
        slowdown = get_track(instance.track).max_slowdown
        measured = self._adamw_s.setdefault(key, [])
        before = len(measured)

        def limit() -> float:
            longer_s = min(LONGEST_S, slowdown * measured[-1]) if measured else 0.0
            return longer_s if longer_s > GROWTH * limit_s else limit_s

        with self._calibrating:
            if limit() == limit_s and len(measured) == before:
                measured.append(adamw_s())
            return limit()
