"""`autoresearch baseline`: tune known optimizers, so that a winner is compared with their best."""

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import typer

from agent.cli import inputs, output
from agent.cli.machine import AnyMachine, measuring
from agent.cli.options import FULL, Json, Seed, Task
from agent.cli.studies import MOST_TRIALS, created, require_device, require_same_track

if TYPE_CHECKING:
    from agent.study.study import Study


class Family(StrEnum):
    """The optimizers that can be tuned."""

    ADAMW = "adamw"
    MUON = "muon"


def baseline(
    task: Task,
    machine: AnyMachine,
    budget: int = typer.Option(50, min=1, max=MOST_TRIALS, help="Trials for each optimizer."),
    family: list[Family] = typer.Option([], help="Optimizer to tune; repeatable [default: all]."),
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Tune AdamW and Muon, a study each, to compare with winners.

    Their parts stay, their numbers are searched. A later `autoresearch run` with no more trials
    than these compares its winner with them on held-out instances and reports both. The same
    command with a larger budget continues.

    \b
    Example:
      autoresearch baseline --track mqar --budget 50
    """
    asked = machine.on(task.track, task.scale)
    rows = [_tuned(str(name), task, asked, budget, seed) for name in family or Family]
    content = {"track": task.track.name, "baselines": rows}
    lines = [f"{r['family']} ({r['study']}, {r['trials']} trials): {r['line']}" for r in rows]
    output.show_lines(as_json, content, lines)


def _tuned(family: str, task: Task, asked: AnyMachine, budget: int, seed: int) -> dict[str, Any]:
    with measuring(asked) as (executor, view):
        from agent.judge import Options
        from agent.pipeline import run_study

        opened = _opened(family, task, asked.device, budget, seed)
        with opened.locked():
            if budget > opened.settings.budget:
                opened.set_budget(budget)
            view.note(f"study {opened.name}: {opened.settings.budget} trials")
            run_study(inputs.workspace(), opened, executor, view, Options())
    best = opened.best()
    return {
        "family": family,
        "study": opened.name,
        "trials": len(opened.finished()),
        "best": best.outcome.to_json() if best else None,
        "line": str(best.outcome) if best else "none completed",
    }


def _opened(family: str, task: Task, device: str, budget: int, seed: int) -> "Study":
    """The study that tunes this optimizer; only what is not the default is in its name."""
    words = ["baseline", task.track.name, family]
    words += [task.aim] if task.aim != task.track.objective else []
    words += [task.scale] if task.scale != FULL else []
    words += [str(seed)] if seed else []
    name, ledger = "-".join(words), inputs.open_ledger()
    asked = {"track": task.track.name, "objective": task.aim, "scale": task.scale, "seed": seed}
    asked |= {"seeds": 3, "recipes": False, "tuned": family, "device": device}
    opened = ledger.open(name) if name in ledger.names() else created(ledger, name, asked, budget)
    require_same_track(opened, "begin another with --seed, such as --seed 1")
    require_device(opened, device)
    return opened
