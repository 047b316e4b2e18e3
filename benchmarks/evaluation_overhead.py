"""What isolation costs: `autoresearch eval` against the plain loop, whole processes, paired.

    python benchmarks/evaluation_overhead.py mqar --runs 5

Runs the two in turn, A B A B ..., both looking only at the start and the end, and prints each
pair's seconds, the medians, and the bound that was promised: plain loop plus 3% plus 0.5 s.
`--allocator` gives the plain loop the allocator settings of the zygote as well, which leaves the
isolation alone to be compared.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tracks.isolation.launcher import allocator_settings

ROOT = Path(__file__).resolve().parent.parent
SUBMISSION = ROOT / "submissions" / "adamw" / "submission.py"
STEPS = 400


def seconds(command: list[str], environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("track")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--allocator", action="store_true")
    arguments = parser.parse_args()
    plain = [sys.executable, str(ROOT / "benchmarks" / "plain_loop.py"), arguments.track]
    isolated = [
        sys.executable,
        "-c",
        "import sys; from agent.cli.main import main; sys.exit(main())",
    ]
    isolated += ["eval", "--track", arguments.track, "--eval-every", str(STEPS)]
    environment = {**os.environ, **(allocator_settings() if arguments.allocator else {})}
    pairs = []
    for run in range(arguments.runs):
        ours = seconds([*isolated, "--submission", str(SUBMISSION)], dict(os.environ))
        theirs = seconds([*plain, str(SUBMISSION)], environment)
        pairs.append((ours, theirs))
        print(f"run {run}: isolated {ours:.2f} s, plain {theirs:.2f} s, ratio {ours / theirs:.3f}")
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    over = statistics.median(a - 1.03 * b for a, b in pairs)
    print(f"median: isolated {ours:.2f} s, plain {theirs:.2f} s")
    print(f"median of isolated - 1.03 x plain: {over:+.2f} s (at most +0.5 s was promised)")


if __name__ == "__main__":
    main()
