"""What a cluster costs its coordinator, and how many workers one coordinator can keep busy.

    python benchmarks/cluster.py --workers 1 2 4 8 --trials 60 --plot docs/cluster.svg

The coordinator is a real search on mqar, one evaluation a trial; the scheduler and the workers
are real processes on 127.0.0.1; only the evaluations are stand-ins that sleep. CPU seconds of
coordinator and scheduler a trial are measured, with the sampler `random` (what the cluster itself
costs) and with the default one; bytes between coordinator and scheduler in searches of their own,
through a relay. With these costs clusters of up to 1,000 workers are simulated: each worker
evaluates for a fixed time, the coordinator serves one trial after the other.
"""

import argparse
import heapq
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psutil

from agent.report.tables import table
from agent.study.bounds import Bounds
from agent.study.cluster.connection import Address, Cluster, require_distributed
from agent.study.cluster.machine import Machine
from agent.study.ledger import Ledger
from agent.study.samplers import DEFAULT
from agent.study.settings import Settings
from agent.study.task import Task
from agent.study.workspace import Workspace
from relay import Relay
from tracks.evaluation import Evaluation, State
from tracks.processor import processor

SLEEP_S = 0.5
RUNS_S = (3.0, 30.0, 300.0)
"""Simulated seconds of an evaluation."""
SIMULATED = (1, 3, 10, 30, 100, 300, 1000)
ROUNDS = 30
"""Trials of each simulated worker."""
HERE = Path(__file__).resolve()
SAMPLERS = ("random", DEFAULT)


class Sleeper:
    """Stands in for a measurer: sleeps, then gives a result that depends on the source."""

    def evaluate(self, task: Task) -> Evaluation:
        time.sleep(SLEEP_S)
        value = int(task.submission.digest[:8], 16) / 2**32
        curve = tuple((20 * step, value * step / 20) for step in range(21))
        audit = {name: {"shape": [8192, 64], "sha256": "0" * 64} for name in "abcde"}
        made = Evaluation(task.instance, State.COMPLETE, task.procedure, curve=curve)
        return replace(made, max_steps=400, data_audit=audit)

    def close(self) -> None: ...


class Quiet:
    def phase(self, title: str, total: int, done: int = 0) -> None: ...

    def advanced(self, key: str, label: str, fraction: float) -> None: ...

    def choosing(self, line: str) -> None: ...

    def best(self, line: str) -> None: ...

    def note(self, line: str) -> None: ...

    def finished(self, key: str, line: str, *, failed: bool = False) -> None: ...


@dataclass(frozen=True)
class Measured:
    """Costs of a trial with this many workers: CPU seconds, and trials a second."""

    workers: int
    sampler: str
    coordinator_s: float
    scheduler_s: float
    rate: float
    bytes: float
    """Between coordinator and scheduler, both directions."""


def serve(address: str, machine: str) -> None:
    """Be a worker whose evaluations sleep; `machine` saves it seconds of finding out what it is."""
    require_distributed()
    from agent.study.cluster.worker import Equipment, Serving
    from agent.study.cluster.worker import serve as work

    known = Machine.from_json(json.loads(machine))
    assert known
    equipment = Equipment(known, Sleeper(), 1)
    work(Serving(Address(address), "127.0.0.1", equipment, False, print))


@contextmanager
def cluster(workers: int, port: int) -> Iterator[tuple[str, psutil.Process]]:
    """The address of a scheduler with workers, and its process."""
    address = f"tcp://127.0.0.1:{port}"
    alone = ["-m", "agent", "worker", "--scheduler", address, "--with-scheduler", "--jobs", "0"]
    machine = json.dumps(asdict(Machine.here("cpu")))
    words = [alone, *[[str(HERE), "--serve", address, machine]] * workers]
    quiet = subprocess.DEVNULL
    begun = [subprocess.Popen([sys.executable, *each], stdout=quiet) for each in words]
    try:
        yield address, psutil.Process(begun[0].pid)
    finally:
        for one in reversed(begun):
            one.terminate()
        for one in begun:
            one.wait(60)


def searched(address: str, workers: int, sampler: str, trials: int) -> tuple[float, float]:
    """CPU seconds and seconds of a search with all workers."""
    from agent.search.loop import search
    from agent.study.cluster.executor import DaskExecutor

    settings = Settings(
        "mqar", "steps", trials, 0, 3, "full", sampler, recipes=False  # type: ignore[arg-type]
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, Cluster(Address(address), print) as there:
        Path(folder, "submissions").mkdir()
        study = Ledger(Workspace(Path(folder))).create("s", settings)
        there.client.wait_for_workers(workers)
        with DaskExecutor(there, study.store, Bounds(), "cpu", print) as executor:
            cpu, began = time.process_time(), time.perf_counter()
            search(study, executor, Quiet(), None)
            return time.process_time() - cpu, time.perf_counter() - began


def measured(workers: int, trials: int, port: int) -> list[Measured]:
    """With each sampler; on one cluster, as its processes take long to start."""
    found = []
    with cluster(workers, port) as (address, scheduler):
        searched(address, workers, "random", 4)  # everything is imported
        carried = bytes_of_a_trial(address, workers, trials)
        for sampler in SAMPLERS:
            before = sum(scheduler.cpu_times()[:2])
            cpu_s, wall_s = searched(address, workers, sampler, trials)
            own_s = sum(scheduler.cpu_times()[:2]) - before
            costs = (cpu_s / trials, own_s / trials, trials / wall_s)
            found.append(Measured(workers, sampler, *costs, carried))
            print(found[-1], file=sys.stderr)
    return found


def bytes_of_a_trial(address: str, workers: int, trials: int) -> float:
    """Both directions between coordinator and scheduler; what a connection costs is left out."""
    sent = []
    for number in (1, trials + 1):
        relay = Relay(address)
        searched(relay.address, workers, "random", number)
        sent.append(relay.bytes)
    return (sent[1] - sent[0]) / trials


def simulated(workers: int, run_s: float, cost_s: float) -> tuple[float, float]:
    """Share of time that the workers evaluate, and that the coordinator computes."""
    free_at, trials = 0.0, workers * ROUNDS
    waiting = [0.0] * workers
    for _ in range(trials):
        asked = heapq.heappop(waiting)
        free_at = max(free_at, asked) + cost_s
        heapq.heappush(waiting, free_at + run_s)
    until = max(waiting)
    return trials * run_s / workers / until, trials * cost_s / until


def plot(path: Path, costs: dict[str, float]) -> None:
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "cluster"
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4))
    many = [round(10 ** (power / 8)) for power in range(25)]
    for sampler, style in zip(costs, ("-", "--"), strict=True):
        for run_s, colour in zip(RUNS_S, ("C0", "C1", "C2"), strict=True):
            busy = [100 * simulated(n, run_s, costs[sampler])[0] for n in many]
            axes.plot(many, busy, style, color=colour, label=f"{run_s:g} s a run, {sampler}")
    axes.set(xscale="log", xlabel="workers", ylabel="% of the time that they evaluate")
    axes.set_ylim(0, 102)
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def show(found: Sequence[Measured]) -> dict[str, float]:
    """Print the tables; returns the coordinator's mean cost of a trial by sampler."""
    print(f"{processor()}, {os.cpu_count()} cores, evaluations of {SLEEP_S} s")
    rows = [
        [each.sampler, str(each.workers), f"{each.coordinator_s:.3f}", f"{each.scheduler_s:.4f}",
         f"{each.bytes / 1000:.1f}", f"{each.rate:.2f}"]
        for sampler in SAMPLERS
        for each in found
        if each.sampler == sampler
    ]  # fmt: skip
    costs_of = ["coordinator, CPU s a trial", "scheduler, CPU s a trial", "kB a trial"]
    print(table(["sampler", "workers", *costs_of, "trials a second"], rows))
    costs: dict[str, float] = {}
    for sampler in dict.fromkeys(each.sampler for each in found):
        those = [each.coordinator_s for each in found if each.sampler == sampler]
        costs[sampler] = sum(those) / len(those)
    rows = [
        [sampler, f"{run_s:g}", str(workers), *(f"{100 * part:.0f}%" for part in shares)]
        for sampler, cost_s in costs.items()
        for run_s in RUNS_S
        for workers in SIMULATED
        if (shares := simulated(workers, run_s, cost_s))
    ]
    print(table(["sampler", "s a run", "workers", "workers busy", "coordinator busy"], rows))
    for sampler, cost_s in costs.items():
        full = ", ".join(f"{run_s / cost_s:.0f} at {run_s:g} s" for run_s in RUNS_S)
        print(f"{sampler}: {cost_s:.3f} s a trial; one coordinator is full with {full} a run")
    return costs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--port", type=int, default=28786)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(*options.serve)
        return
    found = [
        each
        for workers in options.workers
        for each in measured(workers, options.trials, options.port)
    ]
    costs = show(found)
    if options.plot:
        plot(options.plot, costs)


if __name__ == "__main__":
    main()
