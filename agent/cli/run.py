"""`autoresearch run`: the main job."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from agent.cli import inputs, output
from agent.cli.events import announced, event_program
from agent.cli.interrupt import ending_with
from agent.cli.machine import AnyMachine, measuring
from agent.cli.model import ModelOptions
from agent.cli.options import FULL, Json
from agent.cli.run_options import Search, Target, Verdict
from agent.cli.studies import (
    created,
    device_for,
    given_in,
    require_device,
    require_no_change,
    resumed,
)
from agent.proposers.llm.service import Paid
from agent.study.errors import MachineError, StoppedError, UserError
from agent.study.workspace import Workspace
from tracks.submission import Submission

if TYPE_CHECKING:
    from agent.knowledge.techniques import Technique
    from agent.proposers.llm.researcher import Researcher
    from agent.report.data import Report
    from agent.study.cluster.connection import Cluster
    from agent.study.executor import Executor
    from agent.study.ledger import Ledger
    from agent.study.program import Program
    from agent.study.progress import View
    from agent.study.study import Study
    from tracks.isolation.launcher import Launcher

AS_ROOT = "warning: this study is run by root; an ordinary user is safer, and enough"


def run(
    target: Target,
    search: Search,
    verdict: Verdict,
    model: ModelOptions,
    machine: AnyMachine,
    as_json: Json = False,
) -> None:
    """Search, confirm the best trial, ablate, commit and report.

    A study stopped by Ctrl-C or a crash continues with --resume, which keeps its options.

    \b
    Examples:
      autoresearch run --track random_teacher --budget 50
      autoresearch run --track mqar --budget 20 --max-time 30m --study first
      autoresearch run --resume first --budget 40
      autoresearch run --track mqar --proposer mixed --max-usd 3
      autoresearch run --track mqar --submission my_optimizer.py --no-commit
    """
    files = [_allowed(path) for path in target.submission]
    found = carried_out(target, search, verdict, model, machine, files)
    _show(found, as_json)
    if found.trials and not found.ranked:
        raise typer.Exit(output.FAILED)


def carried_out(
    target: Target,
    search: Search,
    verdict: Verdict,
    model: ModelOptions,
    machine: AnyMachine,
    files: Sequence[Submission],
) -> "Report":
    """Create or resume the study, and take it to its end; `files` become trials.

    Raises UserError, MachineError, or Interrupted.
    """
    workspace = inputs.workspace()
    _require_free(workspace, verdict.name)
    device = device_for(target.resume, machine.device)
    asked = machine.on(target.track, target.scale or FULL, device)
    with asked.opened() as machines:
        # a zygote imports torch meanwhile, which takes seconds
        from agent.knowledge.techniques import Techniques

        ledger = inputs.open_ledger()
        model, paid = _models(ledger, target, search.proposer, model)
        events = event_program(ledger, target)
        # a model or a program that cannot be used leaves nothing behind
        techniques = Techniques(workspace.writable_runs()).all()
        given = given_in(target, search, verdict, model)
        given["files"] = len(files)
        opened = _opened(ledger, target, given, asked, machine.device)
        job = _Job(workspace, opened, target, paid, techniques, events)
        return job.done(machines, asked, files, given)


@dataclass(frozen=True)
class _Job:
    """A study with all that its stages need."""

    workspace: Workspace
    opened: "Study"
    target: Target
    paid: Sequence[Paid]
    """The models to ask."""
    techniques: "Sequence[Technique]"
    events: "Program | None"

    def done(
        self,
        machines: "Launcher | Cluster",
        asked: AnyMachine,
        files: Sequence[Submission],
        given: Mapping[str, Any],
    ) -> "Report":
        """Take the study to its end. Raises MachineError."""
        opened = self.opened
        resuming = f"continue with: autoresearch run --resume {opened.name}"
        interrupted = f"interrupted; {resuming}"
        with opened.locked(join=True), ending_with(interrupted):
            if not opened.leads:
                require_no_change(opened, len(files), given)
            if self.target.budget:
                opened.set_budget(self.target.budget)
            fixed = opened.settings
            line = f"study {opened.name}: track {fixed.track}, objective {fixed.objective}, "
            output.say(f"{line}{fixed.budget} trials, device {fixed.device}", stderr=True)
            # the rest of the program takes a while to load
            from agent.proposers.files import enqueue_file

            for file in files:
                enqueue_file(opened, file)
            names = type(opened.overrides).model_fields
            opened.override(**{name: given.get(name) for name in names})
            with measuring(asked, opened=machines, interrupted=interrupted) as made:
                try:
                    with announced(made[1], opened, self.events) as view:
                        return self._run(made[0], view)
                except (StoppedError, MachineError) as error:
                    raise MachineError(f"stopped: {error}; {resuming}") from error

    def _run(self, executor: "Executor", view: "View") -> "Report":
        from agent.judge import Options
        from agent.pipeline import run_study
        from agent.search.sources import Sources

        if os.geteuid() == 0:
            view.note(AS_ROOT)
        kept, limit = self.opened.overrides, self.target.max_time
        options = Options(limit, kept.ablation, kept.commit, kept.name, kept.margin, kept.transfer)
        techniques = self.techniques if kept.compose else ()
        sources = Sources(kept.proposer, self._researchers(executor, view), techniques)
        return run_study(self.workspace, self.opened, executor, view, options, sources)

    def _researchers(self, executor: "Executor", view: "View") -> "list[Researcher]":
        from agent.proposers.llm.researcher import Researcher, prices_line

        made = [Researcher(self.workspace, self.opened, executor, view, paid) for paid in self.paid]
        left = self.opened.settings.budget - len(self.opened.finished())
        if left > 0:
            # before it has seen any result, the bandit asks all sources equally often
            sources = len(made) + (self.opened.overrides.proposer != "llm")
            for one in made:
                view.note(prices_line(one.model, one.estimate(-(-left // sources))))
        return made


def _models(
    ledger: "Ledger", target: Target, proposer: str | None, model: ModelOptions
) -> tuple[ModelOptions, list[Paid]]:
    """The options with those of earlier runs, and the models where any is to be asked.

    Raises UserError, before anything begins.
    """
    from agent.study.settings import Overrides

    before = Overrides()
    if target.resume:
        opened = ledger.open(target.resume)
        before = opened.overrides
        searched = len(opened.finished()) >= (target.budget or opened.settings.budget)
        if searched and proposer is None and model == ModelOptions():
            return model, []
    proposer = proposer or before.proposer
    given = model
    model = model.after(before)
    if proposer == "llm":
        return model, model.paid()
    if proposer == "mixed":
        return model, model.paid_if_connected()
    for each in fields(given):
        if getattr(given, each.name) not in (None, []):
            option = each.name.replace("_", "-")
            raise UserError(f"--{option} is for --proposer llm or mixed; choose one of them")
    return model, []


def _opened(
    ledger: "Ledger", target: Target, asked: dict[str, Any], machine: AnyMachine, device: str
) -> "Study":
    """The study of that name, or a new one; `device` is what was asked for on the command line."""
    files = asked.pop("files")
    if target.resume:
        opened = resumed(ledger, target.resume, asked, target.budget, files)
        require_device(opened, machine.device)
        return opened
    asked |= {"device": machine.device}
    asked |= {"official_device": machine.device} if device == machine.device else {}
    if asked.get("proposer") in ("llm", "external"):
        asked = {"recipes": False} | asked
    return created(ledger, target.study, asked, target.budget, files)


def _show(found: "Report", as_json: bool) -> None:
    from agent.report.terminal import print_report

    if as_json:
        output.print_json(found.to_json())
    else:
        print_report(output.console(), found)
        output.say(f"Report: {found.study.folder / 'report.md'}")


def _allowed(path: Path) -> Submission:
    submission = inputs.read_candidate(path)
    inputs.require_allowed(submission)
    return submission


def _require_free(workspace: Workspace, name: str | None) -> None:
    """Raise UserError unless a winner's folder may have this name."""
    from agent.study.ledger import NAME

    if name is None:
        return
    if not NAME.fullmatch(name):
        raise UserError(f"--name {name!r}: expected 1 to 64 letters, digits, '-' and '_'")
    if (workspace.submissions / name).exists():
        raise UserError(f"--name {name}: submissions/{name} exists already; choose another name")
