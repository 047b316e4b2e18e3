"""Training time of tiny_lm in the sandbox beside a plain eager loop of the same model, in turns.

python benchmarks/tiny_lm.py
python benchmarks/tiny_lm.py --scale 370k --repeat 2
"""

import argparse
import json
import time

import torch

from search_space.recipes import RECIPES
from search_space.render import render
from tracks.instance import official_instance
from tracks.isolation.evaluate import evaluate
from tracks.isolation.launcher import Launcher
from tracks.isolation.limits import Limits
from tracks.procedure import Procedure
from tracks.registry import get_track
from tracks.submission import Submission


def plain_s(scale: str) -> tuple[float, float]:
    """Seconds of a plain loop with adamw in this process, and its final metric."""
    track, instance = get_track("tiny_lm"), official_instance("tiny_lm", scale)
    data = track.data(instance.seeds, scale)
    model = track.student(instance.seeds, scale)
    found: dict[str, type[torch.optim.Optimizer]] = {}
    exec(render(RECIPES["adamw"], len(data.batch_indices)), found)
    optimizer = found["Submission"](model.parameters())  # type: ignore[call-arg]
    started = time.perf_counter()
    for rows in data.batch_indices:
        optimizer.zero_grad()
        track.loss(model, data.train_inputs[rows], data.train_targets[rows]).backward()
        optimizer.step()
    seconds = time.perf_counter() - started
    model.eval()
    with torch.no_grad():
        return seconds, track.measure(model, data.eval_inputs, data.eval_targets)


def ours_s(launcher: Launcher, scale: str) -> tuple[float, float]:
    """The same of an evaluation in the sandbox."""
    track, instance = get_track("tiny_lm"), official_instance("tiny_lm", scale)
    steps = track.scales[scale].max_steps
    submission = Submission(render(RECIPES["adamw"], steps))
    procedure, limits = Procedure(steps, "fused"), Limits(3600.0)
    found = evaluate(submission, instance, launcher, procedure=procedure, limits=limits)
    return found.training_wall_time_s, found.last


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", default="full")
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with Launcher() as launcher:
        pairs = [
            (plain_s(arguments.scale), ours_s(launcher, arguments.scale))
            for _ in range(arguments.repeat)
        ]
    ratios = sorted(ours / plain for (plain, _), (ours, _) in pairs)
    print(
        json.dumps(
            {
                "scale": arguments.scale,
                "plain_s": [round(plain, 2) for (plain, _), _ in pairs],
                "ours_s": [round(ours, 2) for _, (ours, _) in pairs],
                "ratio": round(ratios[len(ratios) // 2], 3),
                "final": [pairs[0][0][1], pairs[0][1][1]],
            }
        )
    )


if __name__ == "__main__":
    main()
