"""`autoresearch baseline`: tune known optimizers, so that a winner is compared with their best."""

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import typer

from agent.cli import inputs, output
from agent.cli.machine import AnyMachine, measuring
from agent.cli.options import FULL, Json, Seed, Task
from agent.cli.studies import require_device

if TYPE_CHECKING:
    from agent.study.settings import Settings
    from agent.study.study import Study


class Family(StrEnum):
    """The optimizers that can be tuned."""

    ADAMW = "adamw"
    MUON = "muon"


def baseline(
    task: Task,
    machine: AnyMachine,
    budget: int = typer.Option(50, min=1, help="Trials for each optimizer."),
    family: list[Family] = typer.Option([], help="Optimizer to tune; repeatable [default: all]."),
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Tune AdamW and Muon, a study each, to compare with winners.

    Their parts stay, their numbers are searched. A later `autoresearch run` with at most as many
    trials compares its winner with them on held-out instances and reports both. The same command
    with a larger budget continues.

    \b
    Example:
      autoresearch baseline --track mqar --budget 50
    """
    asked = machine.on(task.track, task.scale)
    inputs.workspace().writable_runs()
    rows = [_tuned(str(name), task, asked, budget, seed) for name in family or Family]
    if as_json:
        output.print_json({"track": task.track.name, "baselines": rows})
    else:
        for row in rows:
            output.say(f"{row['family']} ({row['study']}, {row['trials']} trials): {row['line']}")


def _tuned(family: str, task: Task, asked: AnyMachine, budget: int, seed: int) -> dict[str, Any]:
    with asked.launcher() as launcher:
        from agent.pipeline import Options, run_study
        from agent.study.settings import Settings

        settings = Settings(
            track=task.track.name,
            objective=task.aim,
            budget=budget,
            seed=seed,
            seeds=3,
            scale=task.scale,
            recipes=False,
            ladder=tuple(task.track.proxies.get(task.scale, ())),
            tuned=family,
            device=asked.device,
        )
        opened = _opened(settings, task)
        with opened.locked():
            if budget > opened.settings.budget:
                opened.set_budget(budget)
            with measuring(launcher, opened.store, asked) as (executor, view):
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


def _opened(settings: "Settings", task: Task) -> "Study":
    """The study that tunes this optimizer; only what is not the default is in its name."""
    words = ["baseline", settings.track, str(settings.tuned)]
    words += [settings.objective] if settings.objective != task.track.objective else []
    words += [settings.scale] if settings.scale != FULL else []
    words += [str(settings.seed)] if settings.seed else []
    name, ledger = "-".join(words), inputs.open_ledger()
    opened = ledger.open(name) if name in ledger.names() else ledger.create(name, settings)
    require_device(opened, settings.device)
    return opened
