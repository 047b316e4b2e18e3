"""`autoresearch chaos`: official results as intervals over perturbed initial weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from agent.cli import inputs, output
from agent.cli.machine import CpuMachine, measuring
from agent.cli.options import Json, OnTrack, option
from agent.study.errors import UserError
from tracks.submission import Submission

if TYPE_CHECKING:
    from agent.verdict.chaos_record import Chaos


@dataclass(frozen=True)
class Perturbed(OnTrack):
    """The official instance of a track, with its student perturbed."""

    runs: int = option("Perturbed runs, beside the unperturbed one.", default=5, min=1)

    def measured(self, candidates: Sequence[Submission], asked: CpuMachine) -> "list[Chaos]":
        """What came of each that ran, kept in the workspace as soon as it is there."""
        with measuring(asked) as (executor, view):
            from agent.verdict.chaos import RunFailed, measure
            from agent.verdict.chaos_record import keep

            found = []
            for candidate in candidates:
                view.note(f"{candidate.name} on {self.track.name}")
                try:
                    found.append(measure(executor, candidate, self.track, self.scale, self.runs))
                except RunFailed as failure:
                    view.note(f"failed: {failure}")
                    continue
                keep(inputs.workspace(), found[-1])
            return found


def chaos(
    task: Perturbed,
    machine: CpuMachine,
    submissions: list[str] = typer.Argument(
        None, help="Files that define Submission, folders, or recipes [default: every recipe]."
    ),
    as_json: Json = False,
) -> None:
    """Measure an official result again with other last bits.

    Runs each file unchanged, then with every initial weight of the student multiplied by one plus
    or minus the machine epsilon. The results are kept in submissions/chaos.json, where the
    leaderboard finds them. The same command continues after Ctrl-C. Exit status 3: a file failed,
    and nothing of it is kept.

    \b
    Examples:
      autoresearch chaos --track mqar my_optimizer.py
      autoresearch chaos --track random_teacher cm_tail_ema --runs 9
    """
    candidates = [_candidate(name, task) for name in submissions or _recipes(task)]
    found = task.measured(candidates, machine.on())
    output.show(as_json, *_shown(task, found))
    if len(found) < len(candidates):
        raise typer.Exit(output.FAILED)


def _recipes(task: Perturbed) -> list[str]:
    from search_space.sample import recipes_for

    return list(recipes_for(task.track.structure))


def _candidate(name: str, task: Perturbed) -> Submission:
    from search_space.recipes import RECIPES
    from search_space.render import render

    if name in RECIPES and not Path(name).exists():
        source = render(RECIPES[name], task.track.scales[task.scale].max_steps)
        return Submission(source, f"{name}.py")
    if not Path(name).exists():
        raise UserError(
            f"{name!r} is no file, folder or recipe; `autoresearch space list` shows the recipes"
        )
    candidate = inputs.read_candidate(Path(name))
    inputs.require_allowed(candidate)
    return candidate


def _shown(
    task: Perturbed, found: "Sequence[Chaos]"
) -> tuple[Mapping[str, object], str, list[str], list[list[str]]]:
    """What `--json` prints, and a table: title, header and rows."""
    has_target, metric = task.track.target is not None, task.track.metric.name
    steps = ["steps to target", "interval"] if has_target else []
    rows = []
    for one in found:
        first = one.results[0]
        final = "diverged" if first.final is None else f"{first.final:.4g}"
        cells = [one.submission, final, str(one.interval("final"))]
        if has_target:
            cells += [str(first.steps or "missed"), str(one.interval("steps"))]
        rows.append(cells)
    content = {"runs": task.runs, "measured": [one.to_json() for one in found]}
    title = f"{task.track.name}: official results, and intervals with {task.runs} perturbed runs"
    return content, title, ["submission", f"final {metric}", "interval", *steps], rows
