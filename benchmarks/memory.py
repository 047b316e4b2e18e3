"""Memory of parallel evaluations: proportional set size (shared pages counted once), in MB.

    python benchmarks/memory.py random_teacher --jobs 2 --seconds 60

Samples the coordinator, the zygote, the trainers and the optimizer hosts ten times a second while
`--jobs` evaluations of adamw run on drawn instances, and prints the peak of the sum and of the
coordinator.
"""

import argparse
import threading
import time
from pathlib import Path

import psutil

from agent.cli.inputs import open_ledger  # what a study's coordinator has loaded
from agent.pipeline import run_study
from agent.study.bounds import Bounds
from agent.study.local_executor import LocalExecutor
from tracks.instance import drawn_instance
from tracks.isolation.launcher import Launcher
from tracks.procedure import Procedure
from tracks.submission import read_submission

COORDINATOR = (open_ledger, run_study)
ADAMW = Path(__file__).resolve().parent.parent / "submissions" / "adamw"


def proportional_mb(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss) / 1e6
    except psutil.Error:
        return 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("track")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--distinct", action="store_true", help="each on an instance of its own")
    parser.add_argument("--seconds", type=float, default=60.0, help="stop the evaluations then")
    arguments = parser.parse_args()
    peak_workers = peak_coordinator = 0.0
    done = threading.Event()

    def sample() -> None:
        nonlocal peak_workers, peak_coordinator
        me = psutil.Process()
        while not done.is_set():
            children = me.children(recursive=True)
            peak_workers = max(peak_workers, sum(map(proportional_mb, children)))
            peak_coordinator = max(peak_coordinator, proportional_mb(me))
            time.sleep(0.1)

    sampler = threading.Thread(target=sample)
    sampler.start()
    bounds = Bounds(arguments.seconds)
    # without a store equal evaluations are measured each
    with (
        Launcher() as launcher,
        LocalExecutor(launcher, arguments.jobs, None, bounds) as executor,
    ):
        names = [str(job if arguments.distinct else 0) for job in range(arguments.jobs)]
        instances = [drawn_instance(arguments.track, name) for name in names]
        adamw = read_submission(ADAMW)
        futures = [
            executor.submit(adamw, instance, Procedure(10, "fused")) for instance in instances
        ]
        states = [future.result().state for future in futures]
    done.set()
    sampler.join()
    print(f"{arguments.jobs} evaluations of {arguments.track}: {', '.join(states)}")
    print(f"trainers, hosts and zygote together: {peak_workers:.0f} MB at most")
    print(f"coordinator: {peak_coordinator:.0f} MB at most")


if __name__ == "__main__":
    main()
