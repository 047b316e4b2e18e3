"""What the sandbox changes: no bit of any result, and how much time.

    python benchmarks/sandbox.py --scale small --pairs 20

Every recipe on every track, evaluated in the sandbox and without it: equal curves or not. Then
pairs of adamw evaluations, with and without in turn: the medians of a whole evaluation (two
processes started, data there already) and of a training step, and their ratios.
"""

import argparse
import statistics
from collections.abc import Callable, Iterator

from agent.report.tables import table
from search_space.recipes import RECIPES
from search_space.render import render
from tracks.evaluation import Evaluation
from tracks.instance import official_instance
from tracks.isolation.evaluate import evaluate
from tracks.isolation.launcher import Launcher
from tracks.isolation.levels import Level
from tracks.isolation.limits import Limits
from tracks.isolation.sandbox import probe
from tracks.procedure import Procedure
from tracks.processor import processor
from tracks.registry import all_tracks, get_track
from tracks.submission import Submission

LEVELS = (Level.FULL, Level.RLIMITS)
TIMES: dict[str, Callable[[Evaluation], float]] = {
    "evaluation": lambda run: run.duration_s,
    "step": lambda run: run.training_wall_time_s / run.max_steps,
    "around the training": lambda run: run.duration_s - run.training_wall_time_s,
}


def both(
    launcher: Launcher, recipe: str, track: str, scale: str, *, free_first: bool = False
) -> list[Evaluation]:
    """One evaluation in the sandbox, one without, in this order whichever ran first."""
    steps = get_track(track).scales[scale].max_steps
    submission = Submission(render(RECIPES[recipe], steps), recipe)
    procedure = Procedure(max(1, steps // 10))
    runs = {
        level: evaluate(
            submission,
            official_instance(track, scale),
            launcher,
            procedure=procedure,
            limits=Limits(600.0, sandbox=level),
        )
        for level in (LEVELS[::-1] if free_first else LEVELS)
    }
    return [runs[level] for level in LEVELS]


def compared(launcher: Launcher, scale: str) -> Iterator[tuple[str, str, bool, str]]:
    """Recipe, track, whether the curves are equal to the bit, and how the run ended."""
    for track in all_tracks():
        for recipe in RECIPES:
            boxed, free = both(launcher, recipe, track, scale)
            assert boxed.sandbox is probe().level, "the sandbox was not closed"
            equal = (boxed.curve, boxed.state) == (free.curve, free.state)
            yield recipe, track, equal and bool(boxed.curve), boxed.state


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", default="small")
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--track", default="mqar", help="of the timed pairs")
    options = parser.parse_args()
    print(f"sandbox level {probe().level}; {processor()}")
    with Launcher() as launcher:
        rows = list(compared(launcher, options.scale))
        for recipe, track, equal, state in rows:
            if not equal:
                print(f"DIFFERENT: {recipe} on {track} ({state})")
        print(f"{sum(equal for _, _, equal, _ in rows)} of {len(rows)} equal to the bit")
        pairs = [
            both(launcher, "adamw", options.track, "full", free_first=bool(number % 2))
            for number in range(options.pairs)
        ]
    cells = []
    for what, seconds in TIMES.items():
        boxed, free = ([seconds(pair[side]) for pair in pairs] for side in (0, 1))
        ratio = statistics.median(b / f for b, f in zip(boxed, free, strict=True))
        more = statistics.median(b - f for b, f in zip(boxed, free, strict=True))
        medians = [f"{1000 * statistics.median(times):.4g}" for times in (boxed, free)]
        cells.append([what, *medians, f"{1000 * more:+.3g}", f"{ratio:.4f}"])
    header = ["adamw", "in the sandbox, ms", "without, ms", "median difference, ms", "ratio"]
    print(table(header, cells))


if __name__ == "__main__":
    main()
