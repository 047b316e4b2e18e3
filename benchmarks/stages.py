"""Where the time of a main job goes: evaluations and their seconds, by phase and scale.

    python benchmarks/stages.py mqar --budget 50
    python benchmarks/stages.py random_teacher --recipe cm_product_space --jobs 1

With `--recipe` the study has that one trial, so nearly everything is what follows a search: the
verdict, the ablation, the simplification and its verdict. Seconds are of each evaluation's process;
divided by the jobs they are the least that a phase can take. The held-out instances are drawn
from `--seed`, so with `--folder` another run finds earlier evaluations in the store: it then counts
what a change of the pipeline would cost, without running most of it again.
"""

import argparse
import os
import re
from collections import Counter
from concurrent.futures import Future
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

from agent.cli import inputs, output
from agent.judge import Options
from agent.pipeline import run_study
from agent.report.views import PlainView
from agent.study.cores import cores
from agent.study.local_executor import LocalExecutor
from agent.study.settings import Settings
from agent.study.stages import costs_of
from agent.verdict.comparison_keys import SeededKeys
from search_space.recipes import RECIPES
from search_space.sample import trial_params
from tracks.evaluation import Evaluation
from tracks.instance import Instance
from tracks.isolation.launcher import Launcher
from tracks.procedure import Procedure
from tracks.registry import get_track
from tracks.submission import Submission

Kind = tuple[str, str, str]
"""Phase, scale and trainer."""


class Phases(PlainView):
    """A view that knows which phase is on."""

    now = "searching"

    def phase(self, title: str, total: int, done: int = 0) -> None:
        self.now = re.sub(r" (on \d+ .*|at scale .*)", "", title)
        super().phase(title, total, done)

    def note(self, line: str) -> None:
        self.now = line.split(":")[0] if line.startswith("comparing") else self.now
        super().note(line)


class Counting(LocalExecutor):
    """Counts every evaluation that is asked for, once."""

    phases: Phases
    asked: dict[tuple[str, Instance, Procedure], tuple[Kind, Future[Evaluation]]]

    def submit(
        self, submission: Submission, instance: Instance, procedure: Procedure, *rest: Any
    ) -> Future[Evaluation]:
        future = super().submit(submission, instance, procedure, *rest)
        kind = (self.phases.now, f"{instance.track} {instance.scale}", procedure.trainer)
        self.asked.setdefault((submission.digest, instance, procedure), (kind, future))
        return future


def table(executor: Counting) -> str:
    count: Counter[Kind] = Counter()
    seconds: Counter[Kind] = Counter()
    for kind, future in executor.asked.values():
        count[kind] += 1
        seconds[kind] += future.result().duration_s
    rows = [
        f"| {phase} | {scale} | {trainer} | {count[kind]} | {seconds[kind]:.1f} |"
        for kind in count
        for phase, scale, trainer in [kind]
    ]
    header = ["| phase | scale | trainer | evaluations | seconds |", "|---|---|---|---|---|"]
    total = f"| all | | | {count.total()} | {sum(seconds.values()):.1f} |"
    return "\n".join([*header, *rows, total])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("track")
    parser.add_argument("--budget", type=int, default=50)
    parser.add_argument("--recipe", choices=sorted(RECIPES))
    parser.add_argument("--scale", default="full")
    parser.add_argument("--jobs", type=int, default=cores())
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with TemporaryDirectory() as temporary:
        folder: Path = arguments.folder or Path(temporary)
        (folder / "submissions").mkdir(parents=True, exist_ok=True)
        os.chdir(folder)
        run(arguments)


def run(arguments: argparse.Namespace) -> None:
    track = get_track(arguments.track)
    settings = Settings(
        track=track.name,
        objective=track.objective,
        budget=1 if arguments.recipe else arguments.budget,
        seed=arguments.seed,
        seeds=13,
        scale=arguments.scale,
        ladder=() if arguments.recipe else tuple(track.proxies.get(arguments.scale, ())),
    )
    ledger = inputs.open_ledger()
    opened = ledger.create(None, settings)
    if arguments.recipe:
        opened.enqueue(trial_params(RECIPES[arguments.recipe], track.structure))
    view = Phases(Console(stderr=True, width=output.PLAIN_WIDTH))
    with Launcher() as launcher, Counting(launcher, arguments.jobs, opened.store) as executor:
        executor.phases, executor.asked = view, {}
        report = run_study(
            inputs.workspace(),
            opened,
            executor,
            view,
            Options(commit=False, keys=SeededKeys(f"stages/{arguments.seed}")),
        )
        print(table(executor))
    for stage, cost in costs_of(opened).items():
        print(f"{stage}: {cost.wall_s:.1f} s")
    if report.verdict:
        print(report.verdict.reason)
    for row in report.ablation.rows if report.ablation else ():
        delta = "-" if row.delta is None else f"{row.delta:+.3g}"
        print(f"  {row.name}: {row.finding} at {row.scale}, {delta}")


if __name__ == "__main__":
    main()
