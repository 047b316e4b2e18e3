"""The stages of a study, and the time that each takes."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from agent.study.damaged_rows import reading
from agent.study.progress import View
from agent.study.settings import Stage
from agent.study.study import Study

COSTS = "costs"
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Seconds: by the clock, of the CPU in all processes, and of evaluations on a GPU, which may
    overlap."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    gpu_s: float = 0.0


class Stages:
    """Begins each stage in the study and in the view, and counts what it costs.

    `gpu_s` gives the GPU seconds so far.
    """

    def __init__(self, study: Study, view: View, gpu_s: Callable[[], float]) -> None:
        self._study, self._view, self._gpu_s = study, view, gpu_s
        self._stage = Stage.SEARCH
        self._since = self._now()

    def enter(
        self, stage: Stage, stage_s: float | None = None, later_s: float | None = None
    ) -> None:
        """Begin a stage: it takes about `stage_s` seconds, and those after it `later_s`."""
        self.keep()
        self._stage = stage
        if self._study.leads:
            self._study.stage = stage
        self._view.stage(stage, stage_s, later_s)

    def keep(self) -> None:
        """Count what the present stage has cost until now."""
        now, since = self._now(), self._since
        # several coordinators may add to them
        with self._study.locks.exclusive(f"{self._study.name}/costs.lock"):
            costs = costs_of(self._study)
            before = costs.get(self._stage, Cost())
            costs[self._stage] = Cost(
                before.wall_s + now.wall_s - since.wall_s,
                before.cpu_s + now.cpu_s - since.cpu_s,
                before.gpu_s + now.gpu_s - since.gpu_s,
            )
            self._study.note(COSTS, {stage: asdict(cost) for stage, cost in costs.items()})
        self._since = now

    def _now(self) -> Cost:
        return Cost(time.monotonic(), cpu_s(), self._gpu_s())


def costs_of(study: Study) -> dict[Stage, Cost]:
    """By stage, in order, over all runs of the study; a stage that a kill ended is not counted."""
    kept = study.notes(COSTS).get(COSTS, {})
    with reading(f"study {study.name}"):
        return {stage: Cost(**kept[stage]) for stage in Stage if kept.get(stage)}


def cpu_s() -> float:
    """CPU seconds of this process and of all its descendants, ended ones included.

    Descendants that live are read from /proc; elsewhere only those that ended are counted.
    """
    own = os.times()
    mine = own.user + own.system + own.children_user + own.children_system
    return mine + sum(_descendants(os.getpid()))


def _descendants(root: int) -> Iterator[float]:
    """CPU seconds of each process below `root`, with those of its ended children."""
    parents, seconds = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            # the name, in parentheses, may hold anything
            fields = path.read_text().rpartition(")")[2].split()
            pid = int(path.parent.name)
            parents[pid] = int(fields[1])
            seconds[pid] = sum(map(int, fields[11:15])) / TICK
    for pid in parents:
        above = parents[pid]
        while above in parents and above != root:
            above = parents[above]
        if above == root:
            yield seconds[pid]
