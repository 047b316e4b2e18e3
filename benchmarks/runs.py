"""Whole runs: what a trial costs in a study against a plain upstream-style loop.

    python benchmarks/runs.py mqar --rounds 5
    python benchmarks/runs.py mqar --recipe row_delta

Both build their data, train, and look as often as the objective asks, on the token tracks after
every step; importing torch is left out of both. Ours runs isolated, each time on another instance
whose data it has to build, by the procedure of a search (fused; it ends at the target). The two
take turns; printed are the medians and the median of the ratios within a round.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from plain_loop import load, plain_loop
from search_space.recipes import RECIPES
from search_space.render import render
from tracks.instance import drawn_instance
from tracks.isolation.evaluate import evaluate
from tracks.isolation.launcher import Launcher
from tracks.isolation.limits import Limits
from tracks.procedure import search_procedure
from tracks.registry import get_track
from tracks.submission import Submission, read_submission

ADAMW = Path(__file__).resolve().parent.parent / "submissions" / "adamw"


def plain_seconds(track: str, file: Path) -> float:
    """A run of the plain loop in a process of its own, without what importing takes."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, __file__, track, "--worker", str(file)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("track")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--recipe", help="what trains; adamw as PyTorch ships it by default")
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    track = get_track(arguments.track)
    every = track.eval_every[track.objective]
    if arguments.worker:
        torch.set_num_threads(1)
        started = time.perf_counter()
        plain_loop(track.name, load(arguments.worker), eval_every=every)
        print(json.dumps(time.perf_counter() - started))
        return
    submission = read_submission(ADAMW)
    if arguments.recipe:
        steps = track.scales["full"].max_steps
        submission = Submission(render(RECIPES[arguments.recipe], steps))
    pairs = []
    with TemporaryDirectory() as folder, Launcher() as launcher:
        file = Path(folder) / "submission.py"
        file.write_text(submission.source)
        procedure = search_procedure(track, track.objective)
        measure = partial(evaluate, procedure=procedure, limits=Limits(3600.0))
        measure(submission, drawn_instance(track.name, "warm"), launcher)
        for number in range(arguments.rounds):
            instance = drawn_instance(track.name, str(number))
            ours = measure(submission, instance, launcher).duration_s
            theirs = plain_seconds(track.name, file)
            pairs.append((ours, theirs))
            print(f"round {number}: ours {ours:.2f} s, plain {theirs:.2f} s", flush=True)
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(b / a for a, b in pairs)
    print(f"median: ours {ours:.2f} s, plain {theirs:.2f} s, {ratio:.2f} times as fast")


if __name__ == "__main__":
    main()
