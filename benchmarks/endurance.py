"""Whether many trials make a study slow or large: memory of the coordinator, time of a trial.

    python benchmarks/endurance.py --trials 500 --plot endurance.svg

One study of short trials at the smallest scale, random sampling, one job, in an empty folder. After
each trial: resident memory of this process, and the seconds since the trial before it.
"""

import argparse
import tempfile
import time
from pathlib import Path

import psutil

from agent.search.loop import search
from agent.study.ledger import Ledger
from agent.study.local_executor import LocalExecutor
from agent.study.settings import Settings
from agent.study.workspace import Workspace
from tracks.isolation.launcher import Launcher
from tracks.processor import processor
from tracks.registry import get_track


class Watch:
    """Notes memory [MiB] and time [s] at the end of each trial."""

    def __init__(self) -> None:
        self.process = psutil.Process()
        self.last = time.perf_counter()
        self.memory: list[float] = []
        self.seconds: list[float] = []

    def phase(self, title: str, total: int, done: int = 0) -> None: ...

    def advanced(self, key: str, label: str, fraction: float) -> None: ...

    def choosing(self, line: str) -> None: ...

    def best(self, line: str) -> None: ...

    def note(self, line: str) -> None: ...

    def finished(self, key: str, line: str, *, failed: bool = False) -> None:
        now = time.perf_counter()
        self.memory.append(self.process.memory_info().rss / 2**20)
        self.seconds.append(now - self.last)
        self.last = now


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=500)
    parser.add_argument("--track", default="mqar")
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    track, watch = get_track(options.track), Watch()
    settings = Settings(
        track=track.name, objective=track.objective, budget=options.trials, seed=0, seeds=3,
        scale="tiny", sampler="random",
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        study = Ledger(Workspace(Path(folder))).create("endurance", settings)
        with Launcher() as launcher, LocalExecutor(launcher, 1, study.store) as executor:
            search(study, executor, watch, None)
    tenth = max(1, len(watch.seconds) // 10)
    print(f"{len(watch.seconds)} trials on {processor()}")
    for name, values, unit in (("memory", watch.memory, "MiB"), ("a trial", watch.seconds, "s")):
        early, late = mean(values[tenth : 2 * tenth]), mean(values[-tenth:])
        print(f"{name}: {early:.4g} {unit} in the second tenth, {late:.4g} {unit} in the last")
    if options.plot:
        draw(watch, options.plot)


def draw(watch: Watch, path: Path) -> None:
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "endurance"
    from matplotlib import pyplot

    figure, (upper, lower) = pyplot.subplots(2, 1, sharex=True, figsize=(7, 4.5))
    upper.plot(watch.memory)
    upper.set(ylabel="coordinator, MiB", ylim=(0, 1.2 * max(watch.memory)))
    lower.plot(watch.seconds, linewidth=0.8)
    lower.set(ylabel="time of a trial, s", xlabel="trial", ylim=(0, None))
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
