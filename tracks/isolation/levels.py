"""The levels of the sandbox, the strongest first."""

from collections.abc import Iterable
from enum import StrEnum


class Level(StrEnum):
    """The layers that hold in an optimizer host; each level has the limits of those below it."""

    FULL = "full"
    """no_new_privs, the list of system calls and Landlock."""
    SECCOMP = "seccomp"
    """The list of system calls, without Landlock or still as root."""
    LANDLOCK = "landlock"
    """No files, but every system call."""
    RLIMITS = "rlimits"
    """Limits on CPU time, memory, output and file size alone."""
    NONE = "none"

    def holds(self, least: "Level") -> bool:
        """Whether this level is at least `least`."""
        order = list(Level)
        return order.index(self) <= order.index(least)


def weakest(levels: Iterable[Level]) -> Level:
    """The lowest of `levels`; `none` where there are none."""
    order = list(Level)
    return max(levels, key=order.index, default=Level.NONE)
