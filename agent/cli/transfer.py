"""`autoresearch transfer`: one optimizer, unchanged, on small tasks of other kinds."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import typer

from agent.cli import inputs, output
from agent.cli.machine import CONTINUES_WITH_KEY, CpuMachine, measuring
from agent.cli.options import Json, Markdown, option, require_text
from agent.study.errors import UserError
from tracks.registry import workloads
from tracks.submission import Submission
from tracks.workload import LONGEST, require_packages

if TYPE_CHECKING:
    from agent.verdict.transfer_record import TransferRecord


@dataclass(frozen=True)
class Workloads:
    """On what, and for how long."""

    heading: ClassVar[str] = "Workloads"
    workload: list[str] = option(
        "One of the workloads; repeatable [default: all].",
        default=list,
        metavar="NAME",
    )
    draws: int = option("Held-out instances of each workload.", default=3, min=1)
    short: bool = option("Runs with a quarter of the steps.", default=False)
    length: int | None = option(
        "Steps that a file is made for whose constructor takes no max_steps [default: 400].",
        min=2,
        max=LONGEST,
    )
    key: str | None = option(
        "What instances are drawn from, to repeat a result [default: a new one].", metavar="TEXT"
    )

    def __post_init__(self) -> None:
        there = [one.name for one in workloads()]
        for name in self.workload:
            if name not in there:
                raise UserError(f"workload {name!r}: there are {', '.join(there)}")

    def tried(self, candidate: Submission, machine: CpuMachine) -> "TransferRecord":
        """What came of it. Raises UserError, or TrackError where a package is missing."""
        require_text("--key", self.key)
        require_packages()
        from agent.verdict.comparison_keys import draw
        from agent.verdict.transfer import OWN_LENGTH, Design, takes_length

        if self.length and takes_length(candidate):
            raise UserError(
                "--length is for files whose constructor takes no max_steps; this one is told "
                "each length, so leave --length out"
            )
        key = self.key or draw()
        # without the key, the same command would draw other instances
        with measuring(machine, interrupted=CONTINUES_WITH_KEY.format(key)) as (executor, view):
            from agent.verdict.transfer import transfer as run

            length = self.length or OWN_LENGTH
            design = Design(key, self.draws, self.short, length, self.workload)
            return run(executor, view, (candidate.name, candidate), design)


def transfer(
    machine: CpuMachine,
    asked: Workloads,
    submission: Path = typer.Argument(..., help="A file that defines Submission, or its folder."),
    markdown: Markdown = None,
    as_json: Json = False,
) -> None:
    """Try an optimizer, unchanged, on small tasks of other kinds.

    Says how many steps tuned AdamW and tuned Muon take for each of its own, and whether it is a
    specialist. Sizes and seeds are drawn each time, unless --key repeats a result.

    Exit status 3 where it fails on every instance of every workload.

    \b
    Examples:
      autoresearch transfer my_optimizer.py --workload mlp --workload tables --draws 1
      autoresearch transfer my_optimizer.py
    """
    candidate = inputs.read_candidate(submission)
    output.require_outputs({"--markdown": markdown}, [Path(candidate.path)])
    inputs.require_allowed(candidate)
    found = asked.tried(candidate, machine.on())
    from agent.report.sections.transfer import transfer_section

    section = transfer_section(candidate.name, found)
    output.show_section(as_json, _content(candidate.name, found), section, markdown)
    if not as_json:
        output.say(f"Instances drawn from --key {found.key}")
    if found.failed:
        raise typer.Exit(output.FAILED)


def _content(name: str, found: "TransferRecord") -> Mapping[str, object]:
    """The record, with what follows from it."""
    ratios = {
        row.workload: {reference: row.ratio(reference) for reference in found.scores}
        for row in found.rows
    }
    about = {"submission": name, "verdict": found.verdict, "missed": found.missed}
    return {**about, "ratios": ratios, **found.to_json()}
