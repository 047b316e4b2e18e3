"""`autoresearch propose`: an external proposal, of a person or an agent, as a trial of a study."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import typer

from agent.cli import inputs, output
from agent.cli.context import without_secrets
from agent.cli.machine import AnyMachine, measuring
from agent.cli.options import FULL, TRACK, option
from agent.cli.space import read_spec
from agent.cli.studies import (
    DEFAULT_BUDGET,
    MOST_TRIALS,
    created,
    device_for,
    given_in,
    require_device,
    require_equal,
    require_same_track,
)
from agent.study.errors import UserError
from tracks.base import Track
from tracks.printable import plain
from tracks.submission import Submission

if TYPE_CHECKING:
    from agent.study.proposal import Proposal
    from agent.study.records import Hypothesis
    from agent.study.study import Study
    from search_space.spec import Spec

LONGEST, LONGEST_LABEL = 600, 60
"""Characters of a hypothesis and of a label that are kept."""


@dataclass(frozen=True)
class Optimizer:
    """The proposal itself: code or a spec, with a hypothesis."""

    heading: ClassVar[str] = "Proposal"
    hypothesis: str = option(
        "The effect that you expect and why, before it is measured.", default=...
    )
    file: Path | None = option("File that defines Submission, or its folder.")
    spec: Path | None = option("JSON file of a spec, instead of code.")
    effect: str = option("Expected gain over the best trial, with its unit.", default="")
    bucket: Literal["high", "medium", "low"] = option("Size of that effect.", default="medium")
    parent: list[int] = option("Number of a trial that it builds on; repeatable.", default=list)
    label: str | None = option("Name in tables [default: the file's].")

    def __post_init__(self) -> None:
        if (self.file is None) == (self.spec is None):
            raise UserError("which optimizer? give either --file PATH or --spec PATH")

    def read(self) -> "Submission | Spec":
        """What the file holds. Raises UserError."""
        if self.file:
            return inputs.read_candidate(self.file)
        assert self.spec is not None
        return read_spec(self.spec)

    def proposal(self, given: "Submission | Spec", opened: "Study") -> "Proposal":
        """The proposal, rendered for the study's track. Raises UserError."""
        from agent.study.proposal import Proposal
        from agent.study.records import Origin
        from search_space.render import render
        from tracks.registry import get_track

        why, label = self._hypothesis(opened), plain(self.label or "", LONGEST_LABEL)
        if isinstance(given, Submission):
            label = label or plain(given.name, LONGEST_LABEL) or "unnamed"
            return Proposal(given, Origin.AGENT, label, None, why)
        settings = opened.settings
        rendered = render(given, get_track(settings.track).scales[settings.scale].max_steps)
        return Proposal(Submission(rendered), Origin.AGENT, label or given.label, given, why)

    def _hypothesis(self, opened: "Study") -> "Hypothesis":
        from agent.study.records import Hypothesis

        text = plain(self.hypothesis, LONGEST)
        if not text:
            raise UserError(
                "--hypothesis: expected the effect that you expect and why, got nothing"
            )
        numbers = {trial.number for trial in opened.finished()}
        for parent in self.parent:
            if parent not in numbers:
                raise UserError(
                    f"--parent {parent}: study {opened.name} has no such finished trial"
                )
        return Hypothesis(text, plain(self.effect), self.bucket, tuple(self.parent))


@dataclass(frozen=True)
class Where:
    """The study that gets the trial."""

    heading: ClassVar[str] = "Study"
    study: str = option("Name of the study; with --track a new one.", default=..., metavar="NAME")
    track: Track | None = option(**TRACK)
    scale: str | None = option("Size of a run in a new study.", metavar="NAME")
    budget: int | None = option(
        "Trials in all; a smaller number than the study has is ignored "
        f"[default: {DEFAULT_BUDGET}, or the study's own].",
        min=1,
        max=MOST_TRIALS,
    )
    keep_budget: bool = option(
        "Let --budget count for a new study alone.", "--keep-budget", default=False
    )

    def opened(self, device: str) -> "Study":
        """The study; with a track, a new one where none has that name. Raises UserError."""
        ledger, asked = inputs.open_ledger(), given_in(self)
        if self.study not in ledger.names() and self.track:
            settings = asked | {"recipes": False, "device": device}
            try:
                opened = created(ledger, self.study, settings, self.budget)
                opened.override(proposer="external")
                return opened
            except UserError:
                # another agent may have created it meanwhile
                if self.study not in ledger.names():
                    raise
        opened = ledger.open(self.study)
        require_same_track(opened)
        require_equal(opened, asked)
        if opened.settings.tuned:
            raise UserError(
                f"study {self.study} tunes {opened.settings.tuned} alone; propose to another study"
            )
        more = self.budget or 0
        if more > opened.settings.budget and not self.keep_budget:
            opened.set_budget(more)
        return opened


def propose(
    where: Where,
    optimizer: Optimizer,
    machine: AnyMachine,
    as_json: bool = typer.Option(
        True, "--json", help="The answer is always JSON.", show_default=False
    ),
) -> None:
    """Submit one optimizer as a trial; the answer is JSON.

    It passes gates first: it parses, keeps the rules, runs on a tiny instance, and is no duplicate;
    a proposal that does not pass uses no trial. Several agents may propose at once, also while
    `autoresearch run` searches. Exit status 3 where it was rejected or failed.

    \b
    Examples:
      autoresearch propose --study mine --track mqar --file a.py --hypothesis "a larger step size"
      autoresearch propose --study mine --spec s.json --hypothesis "no momentum" --parent 4
    """
    given = optimizer.read()
    inputs.workspace().writable_runs()
    device = device_for(where.study, machine.device)
    asked = machine.on(where.track, where.scale or FULL, device)
    again = "interrupted; the same command continues"
    with measuring(asked, interrupted=again) as (executor, view):
        from agent.search.submit import propose as submit

        opened = where.opened(asked.device)
        require_device(opened, asked.device)
        data = submit(inputs.workspace(), opened, executor, view, optimizer.proposal(given, opened))
    # a field a line: a curve with a number a line is long to read
    fields = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in data.items()]
    text = "{\n" + ",\n".join(fields) + "\n}"
    print(without_secrets(text, inputs.open_ledger(read_only=True)))
    if data["state"] != "complete":
        raise typer.Exit(output.FAILED)
