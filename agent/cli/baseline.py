"""`autoresearch baseline`: tune known optimizers, so that a claim is made against their best."""

from typing import TYPE_CHECKING

import typer

from agent.cli import common
from agent.cli.machine import (
    MEMORY_MB,
    Device,
    Jobs,
    MemoryMb,
    MinSandbox,
    TrialTimeout,
    machine,
    measuring,
)
from agent.cli.studies import require_device
from agent.study.errors import UserError
from tracks.isolation.launcher import Launcher

if TYPE_CHECKING:
    from agent.study.settings import Settings
    from tracks.base import Track


def baseline(
    track: str = typer.Option(..., "--track", help="Track; see `autoresearch tracks`."),
    budget: int = typer.Option(50, min=1, help="Trials for each optimizer."),
    family: list[str] = typer.Option([], help="adamw or muon; repeatable [default: both]."),
    objective: str = typer.Option(None, help="final or steps [default: the track's]."),
    scale: str = typer.Option("full", help="Size of a run."),
    seed: int = typer.Option(0, min=0, help="Seed of the sampler."),
    jobs: Jobs = None,
    trial_timeout: TrialTimeout = None,
    memory_mb: MemoryMb = MEMORY_MB,
    min_sandbox: MinSandbox = None,
    device: Device = "auto",
    as_json: bool = typer.Option(False, "--json", help="Print the best of each as JSON."),
) -> None:
    """Tune AdamW and Muon with a given number of trials, as one study each.

    Their parts stay, their numbers are searched. A later `autoresearch run` with at most as many
    trials compares its winner with them on fresh instances and reports both. The same command with
    a larger budget goes on.

    \b
    Example:
      autoresearch baseline --track mqar --budget 50
    """
    from search_space.baselines import BASELINES

    for name in family:
        if name not in BASELINES:
            raise UserError(f"--family {name!r}: expected {' or '.join(BASELINES)}")
    asked = machine(jobs, trial_timeout, memory_mb, device, track, scale, min_sandbox)
    workspace = common.workspace()
    workspace.writable_runs()
    rows = []
    for name in family or BASELINES:
        with Launcher(asked.device) as launcher:
            from agent.pipeline import Options, run_study
            from agent.study.settings import Settings

            known = common.known_track(track)
            settings = Settings(
                track=track,
                objective=common.known_objective(objective, known),
                budget=budget,
                seed=seed,
                seeds=3,
                scale=common.known_scale(scale, known),
                recipes=False,
                ladder=tuple(known.proxies.get(scale, ())),
                tuned=name,
                device=asked.device,
            )
            ledger = common.open_ledger()
            study = _study_name(settings, known)
            opened = ledger.open(study) if study in ledger.names() else None
            opened = opened or ledger.create(study, settings)
            require_device(opened, asked.device)
            with opened.locked():
                if budget > opened.settings.budget:
                    opened.set_budget(budget)
                with measuring(launcher, opened.store, asked) as (executor, view):
                    view.note(f"study {study}: {opened.settings.budget} trials")
                    run_study(workspace, opened, executor, view, Options())
            best = opened.best()
            line = str(best.outcome) if best else "none completed"
            row = {"family": name, "study": study, "trials": len(opened.finished())}
            rows.append(row | {"best": best.outcome.to_json() if best else None, "line": line})
    if as_json:
        common.print_json({"schema_version": 1, "track": track, "baselines": rows})
    else:
        for row in rows:
            common.say(f"{row['family']} ({row['study']}, {row['trials']} trials): {row['line']}")


def _study_name(settings: "Settings", track: "Track") -> str:
    """One study for each thing that is tuned; what is usual is not in its name."""
    words = ["baseline", settings.track, str(settings.tuned)]
    words += [settings.objective] if settings.objective != track.objective else []
    words += [settings.scale] if settings.scale != "full" else []
    words += [str(settings.seed)] if settings.seed else []
    return "-".join(words)
