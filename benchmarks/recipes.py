"""Every recipe on every track at full scale, beside the published results.

Run it as
    python benchmarks/recipes.py
It prints the table of `docs/recipes.md`, and takes about 40 minutes on two cores. `--recipes
NAME...` and `--tracks NAME...` measure less, `--drawn TEXT...` measures on instances drawn from
those texts.
"""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from search_space.recipes import RECIPES
from search_space.render import render
from search_space.walk import can_sample
from tracks.base import Track
from tracks.evaluation import Evaluation
from tracks.instance import Instance, drawn_instance, official_instance
from tracks.isolation.evaluate import evaluate
from tracks.isolation.launcher import Launcher
from tracks.isolation.limits import Limits
from tracks.procedure import Procedure
from tracks.registry import get_track
from tracks.submission import Submission

TRACKS = ("random_teacher", "mqar", "single_ar")
LOOK_EVERY = {"random_teacher": 20, "mqar": 1, "single_ar": 1}
PUBLISHED = {
    ("adamw", "random_teacher"): "58.3",
    ("comp_muon", "random_teacher"): "1266",
    ("adaptive_cm", "random_teacher"): "2.348",
    ("cm_tail_ema", "random_teacher"): "0.01092",
    ("shampoo_lion", "random_teacher"): "0.1984",
    ("adamw_fast", "mqar"): "183 steps",
    ("adamw_fast", "single_ar"): "missed (0.9739)",
    ("row_adam_etf", "mqar"): "76 steps",
    ("row_adam_etf", "single_ar"): "228 steps",
}


def instances(track: str, texts: Sequence[str]) -> list[Instance]:
    drawn = [drawn_instance(track, text, "full") for text in texts]
    return drawn or [official_instance(track, "full")]


def shown(track: Track, result: Evaluation) -> str:
    if not result.complete:
        return f"{result.state}: {result.reason}"
    steps = result.steps_to_target
    if track.metric.name == "mse":
        return f"{result.last:.3g}" + (f" (4e-7 at {steps})" if steps else "")
    return f"{steps} steps" if steps else f"missed ({result.last:.4f})"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--recipes", nargs="*", default=list(RECIPES))
    parser.add_argument("--tracks", nargs="*", default=list(TRACKS))
    parser.add_argument(
        "--drawn", nargs="*", default=[], help="texts that instances are drawn from"
    )
    options = parser.parse_args()
    cells: dict[tuple[str, str], str] = {}

    def measure(name: str, track_name: str) -> None:
        track = get_track(track_name)
        if not can_sample(RECIPES[name], track.structure):
            cells[name, track_name] = ""
            return
        submission = Submission(render(RECIPES[name], track.scales["full"].max_steps))
        results = [
            evaluate(submission, instance, launcher, procedure=Procedure(LOOK_EVERY[track_name]),
                     limits=Limits(3600.0, 2048, 2**20))
            for instance in instances(track_name, options.drawn)
        ]  # fmt: skip
        text = "; ".join(shown(track, result) for result in results)
        published = PUBLISHED.get((name, track_name))
        if published and not options.drawn:
            text += f" [{published}]"
        cells[name, track_name] = text
        print(name, track_name, text, file=sys.stderr, flush=True)

    with Launcher() as launcher, ThreadPoolExecutor(2) as pool:
        list(
            pool.map(
                lambda task: measure(*task),
                [(n, t) for t in options.tracks for n in options.recipes],
            )
        )
    print(f"| recipe | {' | '.join(options.tracks)} |\n|{' --- |' * (len(options.tracks) + 1)}")
    for name in options.recipes:
        print(f"| {name} | {' | '.join(cells[name, track] for track in options.tracks)} |")


if __name__ == "__main__":
    main()
