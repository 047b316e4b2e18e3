"""`autoresearch context` and `propose`: what a researcher outside, a person or an agent, uses."""

import json
import os
from pathlib import Path
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
from agent.cli.space import read_spec
from agent.cli.studies import DEFAULT_BUDGET, created, device_for, require_device
from agent.study.errors import UserError
from tracks.isolation.launcher import Launcher

if TYPE_CHECKING:
    from agent.study.ledger import Ledger
    from agent.study.records import Hypothesis
    from agent.study.study import Study

FEWEST_TOKENS = 500
FAILED = 3
LONGEST, LONGEST_LABEL = 600, 60
"""Characters of a hypothesis and of a label that are kept."""


def context(
    study: str = typer.Option(..., "--study", help="Name of the study."),
    most_tokens: int = typer.Option(
        4000, "--tokens", min=FEWEST_TOKENS, help="Tell it in about so many tokens, at most."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print it as a string in JSON."),
) -> None:
    """Tell what a researcher should know before the next proposal.

    The task and its rules, the best trials, what failed, what each part is worth, what to try.
    Nothing of confirmation seeds is in it.

    \b
    Example:
      autoresearch context --study mqar-1
    """
    from agent.knowledge.context import context as told_by
    from agent.knowledge.context import tokens
    from agent.study.schema_version import SCHEMA_VERSION

    ledger = common.open_ledger(read_only=True)
    opened = ledger.open(study)
    studies = ledger.all()
    text = _without_secrets(told_by(opened, studies, most_tokens), ledger)
    if as_json:
        about = {"study": study, "tokens": tokens(text), "context": text}
        common.print_json({"schema_version": SCHEMA_VERSION, **about})
    else:
        common.say(text, end="")


def propose(
    study: str = typer.Option(..., "--study", help="Name of the study; see --track for a new one."),
    file: Path = typer.Option(None, "--file", help="File that defines Submission, or its folder."),
    spec: Path = typer.Option(None, "--spec", help="JSON file of a spec, instead of code."),
    hypothesis: str = typer.Option(
        ..., "--hypothesis", help="What you expect and why, before it is measured."
    ),
    effect: str = typer.Option("", "--effect", help="How much better than the best, in its unit."),
    bucket: str = typer.Option(
        "medium", "--bucket", help="Size of that effect: high, medium, low."
    ),
    parent: list[int] = typer.Option(
        [], "--parent", help="Number of a trial it builds on; repeatable."
    ),
    label: str = typer.Option(None, "--label", help="Name in tables [default: the file's]."),
    track: str = typer.Option(None, "--track", help="Begin the study on this track if it is new."),
    scale: str = typer.Option(None, "--scale", help="Size of a run in a new study."),
    budget: int = typer.Option(
        None,
        "--budget",
        min=1,
        help=f"Trials in all; may only grow [default: {DEFAULT_BUDGET}, or what the study has].",
    ),
    jobs: Jobs = None,
    trial_timeout: TrialTimeout = None,
    memory_mb: MemoryMb = MEMORY_MB,
    min_sandbox: MinSandbox = None,
    device: Device = "auto",
    as_json: bool = typer.Option(
        True, "--json", help="It always answers in JSON.", show_default=False
    ),
) -> None:
    """Measure one optimizer as a trial of a study, and answer in JSON how it did.

    It passes gates first: it parses, keeps the rules, runs on a tiny instance, and is not known to
    the study already; what does not pass costs no trial. Several may propose at once, also while
    `autoresearch run` searches. Exit status 3 where it was rejected or failed.

    \b
    Examples:
      autoresearch propose --study mine --track mqar --file a.py --hypothesis "a larger step size"
      autoresearch propose --study mine --spec s.json --hypothesis "no momentum" --parent 4
    """
    if (file is None) == (spec is None):
        raise UserError("which optimizer? give either --file PATH or --spec PATH")
    candidate = common.read_candidate(file) if file else None
    given = read_spec(spec) if spec else None
    workspace = common.workspace()
    workspace.writable_runs()
    chosen = device_for(study, device)
    asked = machine(jobs, trial_timeout, memory_mb, chosen, track, scale, min_sandbox)
    with Launcher(asked.device) as launcher:
        from agent.search.submit import propose as measured
        from agent.study.proposal import Proposal
        from agent.study.records import Origin
        from search_space.render import render
        from tracks.printable import plain
        from tracks.registry import get_track
        from tracks.submission import Submission

        opened = _study(study, track, scale, budget, asked.device)
        require_device(opened, asked.device)
        why = _hypothesis(opened, hypothesis, effect, bucket, parent)
        if candidate:
            name = plain(label or candidate.name, LONGEST_LABEL)
            proposal = Proposal(candidate, Origin.AGENT, name or "unnamed", None, why)
        else:
            assert given is not None
            steps = get_track(opened.settings.track).scales[opened.settings.scale].max_steps
            rendered = Submission(render(given, steps))
            name = plain(label or "", LONGEST_LABEL) or given.label
            proposal = Proposal(rendered, Origin.AGENT, name, given, why)
        again = "interrupted; the same command goes on"
        with measuring(launcher, opened.store, asked, interrupted=again) as (executor, view):
            data = measured(workspace, opened, executor, view, proposal)
    # a field a line: a curve of one number a line is long to read
    fields = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in data.items()]
    ledger = common.open_ledger(read_only=True)
    print(_without_secrets("{\n" + ",\n".join(fields) + "\n}", ledger))
    if data["state"] != "complete":
        raise typer.Exit(FAILED)


def _without_secrets(text: str, ledger: "Ledger") -> str:
    """What an agent is told, which may hand it to a model: no key of any study, nor of the API."""
    from agent.proposers.llm.redaction import Redaction
    from agent.verdict.comparison_keys import drawn_keys

    redaction = Redaction()
    keys = [os.environ.get(name, "") for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")]
    for secret in [*keys, *drawn_keys(ledger)]:
        redaction.hide(secret)
    return redaction.cut(text)


def _study(
    name: str, track: str | None, scale: str | None, budget: int | None, device: str
) -> "Study":
    """The study; with a track, a new one where there is none of that name."""
    ledger = common.open_ledger()
    if name not in ledger.names() and track:
        asked = {"track": track, "scale": scale, "recipes": False, "device": device}
        try:
            opened = created(ledger, name, asked, budget, 0)
            opened.override(proposer="outside")
            return opened
        except UserError:
            # another agent may have begun it meanwhile
            if name not in ledger.names():
                raise
    opened = ledger.open(name)
    settings = opened.settings
    for option, value, here in (("track", track, settings.track), ("scale", scale, settings.scale)):
        if value not in (None, here):
            raise UserError(
                f"study {name} has --{option} {here}, not {value}; leave --{option} out, or begin "
                "another with --study"
            )
    if settings.tuned:
        raise UserError(f"study {name} tunes {settings.tuned} alone; propose to another study")
    if budget and budget > settings.budget:
        opened.set_budget(budget)
    return opened


def _hypothesis(
    opened: "Study", text: str, effect: str, bucket: str, parents: list[int]
) -> "Hypothesis":
    from agent.study.records import BUCKETS, Hypothesis
    from tracks.printable import plain

    if not plain(text):
        raise UserError("--hypothesis: expected what you expect to happen and why, got nothing")
    known = next((one for one in BUCKETS if one == bucket), None)
    if known is None:
        raise UserError(f"--bucket {bucket!r}: expected {', '.join(BUCKETS)}")
    numbers = {trial.number for trial in opened.finished()}
    for parent in parents:
        if parent not in numbers:
            raise UserError(f"--parent {parent}: study {opened.name} has no such finished trial")
    return Hypothesis(plain(text, LONGEST), plain(effect), known, tuple(parents))
