"""Seconds a training step: the exact and the fused trainer against a plain loop, in one run.

    python benchmarks/trainers.py random_teacher --steps 20 --rounds 5

Each round times the plain loop (its own module, autograd, as upstream), the exact trainer and the
fused one in turn, gradients only, and prints each one's median and the medians of the ratios. The
optimizer's own time is left out: it is the same for all. The plain loop runs in the allocator
settings of this process; start this script with those of `tracks.launcher.allocator_settings` to
see what they change.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch

from tracks.instance import official_instance
from tracks.registry import get_track
from tracks.training import training


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
    models = {name: track.student(instance.seeds, "full") for name in ("plain", "exact", "fused")}
    plain = models["plain"]

    def plain_step(rows: torch.Tensor) -> None:
        plain.zero_grad(set_to_none=True)
        plain.train()
        loss = track.loss(plain, data.train_inputs[rows], data.train_targets[rows])
        loss.backward()  # type: ignore[no-untyped-call]

    steps: dict[str, Callable[[torch.Tensor], object]] = {
        "plain": plain_step,
        "exact": training("exact", track, models["exact"], data).gradients,
        "fused": training("fused", track, models["fused"], data).gradients,
    }
    batches = data.batch_indices[: arguments.steps]
    times: dict[str, list[float]] = {name: [] for name in steps}
    for step in steps.values():
        seconds(step, batches[:2])  # warm up
    for _ in range(arguments.rounds):
        for name, step in steps.items():
            times[name].append(seconds(step, batches))
    for name, taken in times.items():
        ratios = [p / t for p, t in zip(times["plain"], taken, strict=True)]
        print(f"{name}: {statistics.median(taken) * 1000:.2f} ms a step, "
              f"{statistics.median(ratios):.2f} times as fast as plain")  # fmt: skip


if __name__ == "__main__":
    main()
