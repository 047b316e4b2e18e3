"""How one trial of a search ended, and the trials of one search in a file."""

import json
import math
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tracks.registry import get_track


@dataclass(frozen=True)
class Outcome:
    """`value`, lower being better, is None for a trial that failed."""

    value: float | None
    ranked_last: bool = False


@dataclass(frozen=True)
class Row:
    """One trial: how it ended, and what it cost.

    `measured_s` is the recorded time of its evaluations, also of those that were taken from the
    store; `proposer_s` the proposer's own CPU time.
    """

    value: float | None
    measured_s: float
    proposer_s: float
    spec: dict[str, Any]


@dataclass(frozen=True)
class Search:
    """One finished search."""

    arm: str
    track: str
    scale: str
    seed: int
    rows: tuple[Row, ...]

    @property
    def case(self) -> str:
        return f"{self.track}/{self.scale}"

    def best(self, trials: int) -> float | None:
        """The lowest value of the first trials."""
        values = [row.value for row in self.rows[:trials] if row.value is not None]
        return min(values, default=None)

    def reached(self, level: float) -> tuple[int, float] | None:
        """Trials and seconds to the first value at or below `level`; None where it has none.

        For steps, a value is their number and less than one more, by which equal ones are ordered.
        """
        steps = get_track(self.track).objective == "steps"
        seconds = 0.0
        for number, row in enumerate(self.rows, 1):
            seconds += row.measured_s + row.proposer_s
            value = math.floor(row.value) if steps and row.value is not None else row.value
            if value is not None and value <= level:
                return number, seconds
        return None


def file_name(track: str, scale: str, arm: str, seed: int) -> str:
    return f"{track}-{scale}-{arm}-{seed}.json"


def write(search: Search, folder: Path) -> None:
    """Whole, or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    name = file_name(search.track, search.scale, search.arm, search.seed)
    part = folder / f".{name}.{os.getpid()}"
    part.write_text(json.dumps(asdict(search)) + "\n", encoding="utf-8")
    part.replace(folder / name)


def read(folder: Path) -> Sequence[Search]:
    """All searches in a folder."""
    found = []
    for file in sorted(folder.glob("[!.]*.json")):
        kept = json.loads(file.read_text(encoding="utf-8"))
        found.append(Search(**kept | {"rows": tuple(Row(**row) for row in kept["rows"])}))
    return found
