"""A benchmark of searches: how soon each finds good optimizers, without recipes.

    export PYTHONPATH=benchmarks
    python -m searches --results FOLDER --hours 8
    python -m searches --results FOLDER --cases mqar/half --arms tpe forest --seeds 0 10
    python -m searches --results FOLDER --hours 0 --seeds 10 20 --plot search.svg

All arms search one space with one prior and the same seeds, from nothing: no recipe, no ladder, no
earlier study. What is missing in FOLDER is measured, one search a core, until the hours are over;
called again it goes on. Evaluations are kept in FOLDER/evaluations, so that arms share what they
can. Then tables are printed, of the cases and arms that have searches. Seconds are the recorded
times of the evaluations and the proposer's own CPU time. SMAC3 needs `pip install smac`.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from agent.study.cores import cores
from searches.arms import ARMS
from searches.cases import CASES, Case, case
from searches.outcome import file_name, read
from searches.study import Job, measure
from searches.summary import plot, summary


def main() -> None:
    arguments = parsed()
    folder, ends = arguments.results, time.monotonic() + 3600 * arguments.hours
    cases = [case(name) for name in arguments.cases]
    jobs = list(missing(folder, cases, arguments.arms, range(*arguments.seeds)))
    if arguments.hours == 0:
        jobs = []
    with ProcessPoolExecutor(cores(), mp_context=get_context("spawn")) as pool:
        running = [pool.submit(measure, job, folder, ends) for job in jobs]
        for done, future in enumerate(as_completed(running), 1):
            print(f"[{done}/{len(jobs)}] {future.result()}", file=sys.stderr, flush=True)
    asked = [
        search
        for search in read(folder)
        if search.arm in arguments.arms and search.seed in range(*arguments.seeds)
    ]
    found = [(one, [search for search in asked if search.case == one.name]) for one in cases]
    found = [(one, searches) for one, searches in found if searches]
    for one, searches in found:
        print(summary(one, searches))
    if arguments.plot and found:
        plot(found, arguments.plot)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "searches", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--cases", nargs="+", default=[one.name for one in CASES])
    parser.add_argument("--arms", nargs="+", choices=list(ARMS), default=list(ARMS))
    parser.add_argument("--seeds", nargs=2, type=int, default=(0, 20), metavar=("FROM", "TO"))
    parser.add_argument("--plot", type=Path)
    return parser.parse_args()


def missing(folder: Path, cases: list[Case], arms: list[str], seeds: range) -> Iterator[Job]:
    """Seed by seed, so that what is there after any time compares.

    A case takes its number of seeds, the first of those that were asked for.
    """
    for seed in seeds:
        for one in cases:
            for arm in arms:
                there = folder / file_name(one.track, one.scale, arm, seed)
                if seed in seeds[: one.seeds] and not there.exists():
                    yield arm, one, seed


if __name__ == "__main__":
    main()
