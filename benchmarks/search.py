"""How fast a search finds good optimizers: the ladder against plain TPE and random search.

    python benchmarks/search.py mqar --seeds 5 --minutes 1
    python benchmarks/search.py random_teacher --seeds 3 --minutes 4 --levels 100 10 1 0.1 4e-7

Every way searches for the same wall-clock time with the same cores, from an empty ledger, for each
seed. The best trial that was finished in time is then measured on held-out instances ("confirmed").

    default   recipes first, then TPE, on the ladder: what `autoresearch run` does
    ladder    TPE on the ladder, no recipes
    tpe       Optuna's TPE, every trial a full run, no recipes
    random    random search, every trial a full run, no recipes

Written are a Markdown table (standard output), every trial (`--json FILE`) and a plot of the best
result against time (`--plot FILE`).
"""

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from agent.report.tables import table
from agent.search.loop import search
from agent.study.cores import cores
from agent.study.executor import Executor
from agent.study.ledger import Ledger
from agent.study.settings import Settings
from agent.study.workspace import Workspace
from tracks.base import Track
from tracks.instance import drawn_instance
from tracks.isolation.launcher import Launcher
from tracks.procedure import search_procedure
from tracks.registry import get_track
from tracks.submission import read_submission

WAYS: dict[str, dict[str, Any]] = {
    "default": {},
    "ladder": {"recipes": False},
    "tpe": {"recipes": False, "ladder": ()},
    "random": {"recipes": False, "ladder": (), "sampler": "random"},
}
LEVELS = {
    "random_teacher": [100.0, 10.0, 1.0, 0.1, 0.01, 4e-7],
    "mqar": [300.0, 200.0, 100.0, 60.0, 40.0],
    "single_ar": [400.0, 300.0, 250.0, 200.0, 150.0],
}
FRESH = 3
ENDLESS = 10**6
INF = float("inf")


class Silent:
    def phase(self, title: str, total: int, done: int = 0) -> None: ...
    def advanced(self, key: str, label: str, fraction: float) -> None: ...
    def finished(self, key: str, line: str, *, failed: bool = False) -> None: ...
    def best(self, line: str) -> None: ...
    def note(self, line: str) -> None: ...


def searched(track: Track, way: str, seed: int, seconds: float) -> dict[str, Any]:
    """One search: its trials by time, and its best confirmed on held-out instances."""
    settings = Settings(
        track=track.name, objective=track.objective, budget=ENDLESS, seed=seed, seeds=FRESH,
        scale="full", ladder=tuple(track.proxies["full"]),
    )  # fmt: skip
    with TemporaryDirectory() as folder, Launcher() as launcher:
        study = Ledger(Workspace(Path(folder))).create("search", replace(settings, **WAYS[way]))
        with Executor(launcher, cores(), study.store) as executor:
            search(study, executor, Silent(), seconds)
            trials = study.finished()
            started = min(t.started.timestamp() for t in trials if t.started)
            rows = []
            for trial in trials:
                assert trial.ended
                rows.append(
                    {
                        "trial": trial.number,
                        "seconds": trial.ended.timestamp() - started,
                        "score": trial.outcome.score,
                        "label": trial.proposal.label,
                    }
                )
            rows.sort(key=lambda row: row["seconds"])
            rows = [row for row in rows if row["seconds"] <= seconds]
            confirmed = _confirmed(track, executor, study.folder, rows)
    return {"way": way, "seed": seed, "trials": rows, "confirmed": confirmed}


def _confirmed(
    track: Track, executor: Executor, folder: Path, rows: Sequence[dict[str, Any]]
) -> list[float | None]:
    scored = [row for row in rows if row["score"] is not None]
    if not scored:
        return []
    best = min(scored, key=lambda row: row["score"])
    submission = read_submission(folder / "trials" / f"{best['trial']:04d}")
    procedure = search_procedure(track, track.objective)
    futures: list[Future[Any]] = [
        executor.submit(submission, drawn_instance(track.name, f"confirm/{i}"), procedure)
        for i in range(FRESH)
    ]
    results = [future.result() for future in futures]
    return [result.score(track.objective) if result.complete else None for result in results]


def best_so_far(trials: Sequence[dict[str, Any]]) -> list[tuple[float, int, float]]:
    """(seconds, trials finished, best score) at each improvement."""
    steps: list[tuple[float, int, float]] = []
    for count, row in enumerate(trials, 1):
        if row["score"] is not None and (not steps or row["score"] < steps[-1][2]):
            steps.append((row["seconds"], count, row["score"]))
    return steps


def reached(results: Sequence[dict[str, Any]], level: float) -> str:
    """Median seconds and trials to a level, and how many searches reached it; who did not is last.

    The median is the lower one of two; where fewer than half got there, there is none.
    """
    hits = []
    for result in results:
        found = [(s, n) for s, n, score in best_so_far(result["trials"]) if score <= level]
        hits += found[:1]
    middle = (len(results) - 1) // 2
    count = f"({len(hits)}/{len(results)})"
    if middle >= len(hits):
        return f"- {count}"
    seconds, trials = (sorted(column)[middle] for column in zip(*hits, strict=True))
    return f"{seconds:.0f} s, {trials:g} trials {count}"


def report(track: Track, results: list[dict[str, Any]], levels: list[float], minutes: float) -> str:
    ways = [way for way in WAYS if any(result["way"] == way for result in results)]
    header = ["way", "trials a minute", *(f"<= {level:g}" for level in levels), "confirmed"]
    rows = []
    for way in ways:
        mine = [result for result in results if result["way"] == way]
        pace = statistics.median(len(result["trials"]) / minutes for result in mine)
        medians = [
            statistics.median(INF if v is None else v for v in result["confirmed"] or [None])
            for result in mine
        ]
        confirmed = ", ".join(f"{value:.3g}" for value in sorted(medians))
        cells = [reached(mine, level) for level in levels]
        rows.append([way, f"{pace:.1f}", *cells, confirmed])
    return f"{track.name}, {minutes:g} minutes a search:\n\n{table(header, rows)}\n"


def plot(track: Track, results: list[dict[str, Any]], seconds: float, path: Path) -> None:
    """The best official score against time, one line a search, one colour a way."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "autoresearch"
    from matplotlib import pyplot

    named: set[str] = set()
    figure, axes = pyplot.subplots(figsize=(7, 4))
    for index, way in enumerate(WAYS):
        for result in (result for result in results if result["way"] == way):
            steps = best_so_far(result["trials"])
            if steps:
                times = [step[0] for step in steps] + [seconds]
                scores = [step[2] for step in steps] + [steps[-1][2]]
                first = way not in named
                named.add(way)
                axes.step(times, scores, where="post", color=f"C{index}", alpha=0.7,
                          label=way if first else None)  # fmt: skip
    axes.set_xlabel("seconds")
    axes.set_ylabel("final MSE" if track.objective == "final" else "steps to target")
    axes.set_yscale("log")
    axes.set_title(f"{track.name}: best trial so far")
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("track")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--levels", nargs="+", type=float)
    parser.add_argument("--json", type=Path, help="every trial; searches that are in it are kept")
    parser.add_argument("--plot", type=Path)
    arguments = parser.parse_args()
    track, seconds = get_track(arguments.track), 60 * arguments.minutes
    results: list[dict[str, Any]] = []
    if arguments.json and arguments.json.exists():
        results = json.loads(arguments.json.read_text())
    known = {(result["way"], result["seed"]) for result in results}
    for seed in range(arguments.seeds):
        for way in arguments.ways:
            if (way, seed) in known:
                continue
            results.append(searched(track, way, seed, seconds))
            best = best_so_far(results[-1]["trials"])[-1:]
            count, confirmed = len(results[-1]["trials"]), results[-1]["confirmed"]
            print(way, seed, f"{count} trials", best, confirmed, file=sys.stderr, flush=True)
            if arguments.json:
                arguments.json.write_text(json.dumps(results) + "\n")
    levels = arguments.levels or LEVELS[track.name]
    print(report(track, results, levels, arguments.minutes))
    if arguments.plot:
        plot(track, results, seconds, arguments.plot)


if __name__ == "__main__":
    main()
