"""What one evaluation may use at most."""

from dataclasses import dataclass

from tracks.isolation.levels import Level


@dataclass(frozen=True)
class Bounds:
    """Limits that a person can set.

    `wall_s` is a fixed time limit of a run; without it the limit is the track's multiple of what
    adamw takes under the present load. Nothing is measured in a sandbox below `min_sandbox`;
    without it, below the machine's best.
    """

    wall_s: float | None = None
    memory_mb: int = 2048
    min_sandbox: Level | None = None
