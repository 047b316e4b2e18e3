"""Seconds a training step: the exact and the fused trainer against a plain upstream-style loop.

    python benchmarks/trainers.py random_teacher --steps 20 --rounds 5

In each round every way runs `--steps` steps in a fresh process of one thread, in turn, with AdamW:
the plain loop as anybody would start it, ours with the allocator settings of our own processes.
Printed are the medians of a step's time and of the ratios within a round. Looks at the metric are
left out; `benchmarks/runs.py` times whole runs.
"""

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import torch

from plain_loop import RECALL, SEEDS, TEACHER, plain_loop
from tracks.instance import official_instance
from tracks.isolation.launcher import allocator_settings
from tracks.procedure import TRAINERS
from tracks.registry import get_track
from tracks.training import training

WARM_UP = 2
WAYS = ("plain", *TRAINERS)


def adamw(parameters: Iterable[torch.nn.Parameter]) -> torch.optim.Optimizer:
    return torch.optim.AdamW(parameters, lr=1e-2, betas=(0.9, 0.99), weight_decay=0.0)


def clocked(times: list[float]) -> Callable[..., torch.optim.Optimizer]:
    """AdamW that notes when each step ended."""

    def build(parameters: Iterable[torch.nn.Parameter]) -> torch.optim.Optimizer:
        optimizer = adamw(parameters)
        optimizer.register_step_post_hook(lambda *_: times.append(time.perf_counter()))
        return optimizer

    return build


def step_seconds(way: str, track_name: str, steps: int) -> float:
    """Median time from the end of a step to the end of the next."""
    torch.set_num_threads(1)
    times: list[float] = []
    if way == "plain":
        size = TEACHER if track_name == "random_teacher" else RECALL
        plain_loop(track_name, clocked(times), {**size, "steps": steps + WARM_UP}, SEEDS)
    else:
        track, instance = get_track(track_name), official_instance(track_name)
        data = track.data(instance.seeds, "full")
        model = track.student(instance.seeds, "full")
        optimizer = clocked(times)(model.parameters())
        trained = training(way, track, model, data)  # type: ignore[arg-type]
        for rows in data.batch_indices[: steps + WARM_UP]:
            trained.gradients(rows)
            optimizer.step()
    apart = [after - before for before, after in itertools.pairwise(times)]
    return statistics.median(apart[WARM_UP - 1 :])


def measured(way: str, arguments: argparse.Namespace) -> float:
    command = [sys.executable, __file__, arguments.track, "--steps", str(arguments.steps)]
    environment: dict[str, Any] = {**os.environ, "OMP_NUM_THREADS": "1"}
    if way != "plain":
        environment |= allocator_settings()
    done = subprocess.run(
        [*command, "--worker", way], env=environment, check=True, capture_output=True, text=True
    )
    return float(json.loads(done.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("track")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--worker", choices=WAYS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        print(json.dumps(step_seconds(arguments.worker, arguments.track, arguments.steps)))
        return
    times: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(arguments.rounds):
        for way in WAYS:
            times[way].append(measured(way, arguments))
    for way, taken in times.items():
        ratios = [plain / t for plain, t in zip(times["plain"], taken, strict=True)]
        print(f"{way}: {statistics.median(taken) * 1000:.2f} ms a step, "
              f"{statistics.median(ratios):.2f} times as fast as the plain loop")  # fmt: skip


if __name__ == "__main__":
    main()
