"""Seconds a training step: the fused trainer against the exact one, in one run.

    python benchmarks/trainers.py random_teacher --steps 20 --rounds 5

Each round times both in turn, gradients only, and prints their medians and that of the ratios. The
exact trainer's step is a plain loop's: the track's loss and autograd. The optimizer's own time is
left out: it is the same for both. Both run in the allocator settings of this process; start this
script with those of `tracks.launcher.allocator_settings` to see what they change.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch

from tracks.instance import official_instance
from tracks.registry import get_track
from tracks.training import TRAINERS, training


def seconds(step: Callable[[torch.Tensor], object], batches: torch.Tensor) -> float:
    started = time.perf_counter()
    for rows in batches:
        step(rows)
    return (time.perf_counter() - started) / len(batches)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("track")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    track = get_track(arguments.track)
    instance = official_instance(track.name, "full")
    data = track.data(instance.seeds, "full")
    steps: dict[str, Callable[[torch.Tensor], object]] = {
        name: training(name, track, track.student(instance.seeds, "full"), data).gradients
        for name in TRAINERS
    }
    batches = data.batch_indices[: arguments.steps]
    times: dict[str, list[float]] = {name: [] for name in steps}
    for step in steps.values():
        seconds(step, batches[:2])  # warm up
    for _ in range(arguments.rounds):
        for name, step in steps.items():
            times[name].append(seconds(step, batches))
    for name, taken in times.items():
        ratios = [e / t for e, t in zip(times["exact"], taken, strict=True)]
        print(f"{name}: {statistics.median(taken) * 1000:.2f} ms a step, "
              f"{statistics.median(ratios):.2f} times as fast as exact")  # fmt: skip


if __name__ == "__main__":
    main()
