"""How the time and the memory of an evaluation grow with width, length and batch.

    python benchmarks/growth.py --steps 6

random_teacher with one dimension changed at a time; each row is a process of its own for either
trainer, with the allocator settings of ours. Time is the median of a step's gradients; data is what
an instance takes in shared memory, whatever the number of evaluations on it; working memory is the
process's peak beyond what it held with data and model in place.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch

from agent.report.tables import table
from tracks.instance import OFFICIAL_SEEDS
from tracks.isolation.launcher import allocator_settings
from tracks.procedure import TRAINERS
from tracks.suite.random_teacher import RandomTeacher, TeacherScale
from tracks.training import training

FULL = RandomTeacher.scales["full"]
CHANGES: list[dict[str, int]] = [
    {}, {"width": 64}, {"width": 256}, {"length": 32}, {"length": 128}, {"batch_size": 256},
    {"batch_size": 1024},
]  # fmt: skip


class Resized(RandomTeacher):
    def __init__(self, change: Mapping[str, int]) -> None:
        self.scales: Mapping[str, TeacherScale] = {"full": replace(FULL, **change)}


def measured(way: str, change: Mapping[str, int], steps: int) -> dict[str, Any]:
    """Run in a worker: seconds a step, data and working memory in MB."""
    torch.set_num_threads(1)
    track = Resized(change)
    data = track.data(OFFICIAL_SEEDS, "full")
    model = track.student(OFFICIAL_SEEDS, "full")
    trained = training(way, track, model, data)  # type: ignore[arg-type]
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # forget the peak of building the data
    before = status_mb("VmRSS")
    times = []
    for rows in data.batch_indices[: steps + 1]:
        started = time.perf_counter()
        trained.gradients(rows)
        times.append(time.perf_counter() - started)
    trained.measure(True)
    working = status_mb("VmHWM") - before
    held = sum(tensor.numel() * tensor.element_size() for tensor in data) / 1e6
    return {"step_s": statistics.median(times[1:]), "data_mb": held, "working_mb": working}


def status_mb(name: str) -> float:
    with open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith(name))
    return int(line.split()[1]) * 1024 / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        way, change = arguments.worker
        print(json.dumps(measured(way, json.loads(change), arguments.steps)))
        return
    rows = []
    for change in CHANGES:
        size = replace(FULL, **change)
        cells = [str(size.width), str(size.length), str(size.batch_size)]
        results = {}
        for way in TRAINERS:
            command = [sys.executable, __file__, "--steps", str(arguments.steps), "--worker", way]
            done = subprocess.run(
                [*command, json.dumps(change)], check=True, capture_output=True, text=True,
                env={**os.environ, **allocator_settings()},
            )  # fmt: skip
            results[way] = json.loads(done.stdout)
        for way in TRAINERS:
            cells += [
                f"{results[way]['step_s'] * 1000:.0f} ms", f"{results[way]['working_mb']:.0f} MB"
            ]  # fmt: skip
        rows.append([*cells, f"{results['fused']['data_mb']:.0f} MB"])
    header = ["width", "length", "batch"]
    header += [f"{way}, {what}" for way in TRAINERS for what in ("a step", "working")]
    print(table([*header, "data"], rows))


if __name__ == "__main__":
    main()
