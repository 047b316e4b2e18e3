"""`autoresearch run`: the main job."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from agent.cli import common
from agent.cli.interrupt import saying
from agent.cli.machine import (
    MEMORY_MB,
    Jobs,
    MemoryMb,
    MinSandbox,
    TrialTimeout,
    machine,
    measuring,
)
from agent.cli.model import MaxUsd, Model, PriceOption, paid_model, paid_model_if_reached
from agent.cli.studies import (
    DEFAULT_BUDGET,
    DEFAULT_SEEDS,
    created,
    device_for,
    require_device,
    resumed,
)
from agent.study.errors import MachineError, UserError
from agent.study.workspace import Workspace
from tracks.isolation.launcher import Launcher
from tracks.printable import printable
from tracks.submission import Submission

if TYPE_CHECKING:
    from agent.cli.model import Paid
    from agent.proposers.llm.researcher import Researcher
    from agent.study.executor import Executor
    from agent.study.ledger import Ledger
    from agent.study.progress import View
    from agent.study.study import Study

MIN_SEEDS = 3
AS_ROOT = "warning: this study is run by root; an ordinary user is safer, and enough"
PROPOSERS = ("optuna", "llm", "mixed", "outside")


def run(
    track: str = typer.Option(None, "--track", help="Track to work on; see `autoresearch tracks`."),
    budget: int = typer.Option(
        None, min=1, help=f"Trials to finish [default: {DEFAULT_BUDGET}, or what the study has]."
    ),
    objective: str = typer.Option(
        None, help="final (metric after the last step) or steps (to target) [default: the track's]."
    ),
    proposer: str = typer.Option(
        None,
        help="Who proposes: optuna, llm (a model), mixed (both), or outside (only what is handed "
        "in) [default: as before, else optuna].",
    ),
    model: Model = None,
    max_usd: MaxUsd = None,
    price: PriceOption = None,
    sampler: str = typer.Option(None, help="tpe or random [default: tpe]."),
    recipes: bool = typer.Option(
        None,
        "--recipes/--no-recipes",
        help="Try published recipes first [default: recipes, but for llm and outside].",
    ),
    compose: bool = typer.Option(
        None,
        "--compose/--no-compose",
        help="Join ideas of `autoresearch survey` to the best so far [default: compose].",
    ),
    ladder: bool = typer.Option(
        None,
        "--ladder/--no-ladder",
        help="Small runs decide who gets a full run [default: on].",
    ),
    seed: int = typer.Option(None, min=0, help="Seed of the sampler [default: 0]."),
    max_time: str = typer.Option(None, help="Stop asking for trials after 90s, 30m or 2h."),
    study: str = typer.Option(None, help="Name of the new study [default: the track's, numbered]."),
    resume: str = typer.Option(None, help="Go on with this study."),
    submission: list[Path] = typer.Option([], help="Measure this file as a trial; repeatable."),
    seeds: int = typer.Option(
        None,
        min=MIN_SEEDS,
        help=f"Fresh instances for the verdict, at most [default: {DEFAULT_SEEDS}].",
    ),
    min_effect: float = typer.Option(
        None,
        min=0,
        help="A winner must be better by more than this, in steps or in log10 of the loss.",
    ),
    name: str = typer.Option(None, help="Name of the winner's folder [default: from its parts]."),
    ablation: bool = typer.Option(
        None,
        "--ablation/--no-ablation",
        help="Ablate an accepted winner, simplify it [default: ablation].",
    ),
    margin: float = typer.Option(
        None,
        min=0,
        help="A part is taken out if that costs less, in steps or in log10 of the loss "
        "[default: 5% of the steps, 0.05].",
    ),
    commit: bool = typer.Option(
        None, "--commit/--no-commit", help="Commit a winner to its own branch [default: commit]."
    ),
    scale: str = typer.Option(None, help="Size of a run: small takes seconds [default: full]."),
    jobs: Jobs = None,
    trial_timeout: TrialTimeout = None,
    memory_mb: MemoryMb = MEMORY_MB,
    min_sandbox: MinSandbox = None,
    device: str = typer.Option(
        None,
        help="auto (the faster one for the track), cpu, cuda or mps [default: auto; a study keeps "
        "the one it began with].",
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the report as JSON."),
) -> None:
    """Search, confirm the best on fresh instances, ablate it, commit it, report.

    \b
    Examples:
      autoresearch run --track random_teacher --budget 50
      autoresearch run --track mqar --budget 20 --max-time 30m --study first
      autoresearch run --resume first --budget 40
      autoresearch run --track mqar --proposer mixed --max-usd 3
      autoresearch run --track mqar --submission my_optimizer.py --no-commit
    """
    common.finite("--margin", margin)
    common.finite("--min-effect", min_effect)
    common.finite("--max-usd", max_usd)
    max_time_s = common.seconds(max_time)
    if sampler not in (None, "tpe", "random"):
        raise UserError(f"sampler {sampler!r}: expected tpe or random")
    if proposer not in (None, *PROPOSERS):
        raise UserError(f"--proposer {proposer!r}: expected {', '.join(PROPOSERS)}")
    outside = [_allowed(common.read_candidate(path)) for path in submission]
    if resume and study:
        raise UserError(
            "--study and --resume exclude each other: one names a new study, one an old"
        )
    if not (resume or track):
        raise UserError("which track? give --track NAME (`autoresearch tracks` lists them)")
    workspace = common.workspace()
    if name is not None:
        _check_name(workspace, name)
    workspace.writable_runs()
    on_this = machine(
        jobs,
        trial_timeout,
        memory_mb,
        device_for(resume, device),
        track,
        scale,
        min_sandbox=min_sandbox,
    )
    with Launcher(on_this.device) as launcher:
        # the zygote imports torch meanwhile, which takes seconds
        from agent.knowledge.techniques import Techniques

        ledger = common.open_ledger()
        about_model = {"proposer": proposer, "model": model, "max_usd": max_usd, "price": price}
        techniques = Techniques(workspace.runs).all()
        paid = _paid(ledger, resume, about_model, budget)
        if recipes is None and not resume and proposer in ("llm", "outside"):
            recipes = False
        asked = {"track": track, "objective": objective, "seed": seed, "seeds": seeds}
        asked |= {"scale": scale, "sampler": sampler, "recipes": recipes, "ladder": ladder}
        asked |= {"min_effect": min_effect}
        if resume:
            opened = resumed(ledger, resume, asked, budget, len(outside))
            require_device(opened, on_this.device)
        else:
            asked |= {"device": on_this.device}
            asked |= {"official_device": on_this.device if device == on_this.device else None}
            opened = created(ledger, study, asked, budget, len(outside))
        resuming = f"interrupted; go on with: autoresearch run --resume {opened.name}"
        with opened.locked(), saying(resuming):
            if resume and budget:
                opened.set_budget(budget)
            settings = opened.settings
            started = f"study {opened.name}: track {settings.track}, "
            started += f"objective {settings.objective}, {settings.budget} trials, "
            started += f"device {settings.device}"
            common.say(started, stderr=True)
            # the user has seen that it begins; the rest of the program takes a while to load
            from agent.pipeline import Options, run_study
            from agent.proposers.files import enqueue_file
            from agent.report.terminal import print_report
            from agent.search.loop import Sources, StoppedError

            for candidate in outside:
                enqueue_file(opened, candidate)
            with measuring(launcher, opened.store, on_this, interrupted=resuming) as (
                executor,
                view,
            ):
                if os.geteuid() == 0:
                    view.note(AS_ROOT)
                overrides = opened.override(
                    ablation=ablation,
                    commit=commit,
                    name=name,
                    margin=margin,
                    compose=compose,
                    **about_model,
                )
                options = Options(
                    max_time_s,
                    overrides.ablation,
                    overrides.commit,
                    overrides.name,
                    overrides.margin,
                )
                sources = Sources(
                    overrides.proposer,
                    _researcher(workspace, opened, executor, view, paid),
                    techniques if overrides.compose else (),
                )
                try:
                    data = run_study(workspace, opened, executor, view, options, sources)
                except (StoppedError, MachineError) as error:
                    resume_line = f"autoresearch run --resume {opened.name}"
                    raise common.Stopped(f"stopped: {error}; go on with: {resume_line}") from error
    if as_json:
        common.print_json(data)
    else:
        print_report(common.console(), data)
        print(printable(f"Report: {opened.folder / 'report.md'}"))
    if data["finished"] and not data["complete"]:
        raise typer.Exit(3)


def _paid(
    ledger: "Ledger", resume: str | None, asked: dict[str, Any], budget: int | None
) -> "Paid | None":
    """The model, where one is asked for now or was before; checked before anything begins."""
    before: dict[str, Any] = {}
    if resume:
        opened = ledger.open(resume)
        before = opened.overrides.to_json()
        searched = len(opened.finished()) >= (budget or opened.settings.budget)
        if searched and all(value is None for value in asked.values()):
            return None
    if asked["model"] not in (None, before.get("model")) and asked["price"] is None:
        # the price that was given is that of another model; empty is the table's
        asked["price"] = ""
    wanted = {name: before.get(name) if value is None else value for name, value in asked.items()}
    if wanted["proposer"] in ("llm", "mixed"):
        with_or_without = paid_model if wanted["proposer"] == "llm" else paid_model_if_reached
        return with_or_without(wanted["model"], wanted["price"], wanted["max_usd"])
    for option in ("model", "max_usd", "price"):
        if asked[option]:
            given = option.replace("_", "-")
            raise UserError(f"--{given} is for --proposer llm or mixed; choose one of them")
    return None


def _researcher(
    workspace: Workspace,
    opened: "Study",
    executor: "Executor",
    view: "View",
    paid: "Paid | None",
) -> "Researcher | None":
    from agent.proposers.llm.researcher import Researcher, prices_line

    if paid is None:
        return None
    made = Researcher(workspace, opened, executor, view, paid.service, paid.price, paid.most_usd)
    left = opened.settings.budget - len(opened.finished())
    if left > 0:
        # a bandit that knows nothing yet asks for every other trial
        calls = left if opened.overrides.proposer == "llm" else -(-left // 2)
        view.note(prices_line(paid.service.model, made.estimate(calls)))
    return made


def _allowed(submission: Submission) -> Submission:
    common.require_allowed(submission)
    return submission


def _check_name(workspace: Workspace, name: str) -> None:
    from agent.study.ledger import NAME

    if not NAME.fullmatch(name):
        raise UserError(f"--name {name!r}: expected 1 to 64 letters, digits, '-' and '_'")
    if (workspace.submissions / name).exists():
        raise UserError(f"--name {name}: submissions/{name} exists already; choose another name")
