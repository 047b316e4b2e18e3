"""`autoresearch check`: does a submission keep the rules, and is it a known optimizer?"""

import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from agent.cli import inputs, output
from agent.cli.machine import CpuMachine, measuring
from agent.cli.options import Json
from agent.study.temporary_folder import temporary_folder
from agent.study.workspace import EVALUATIONS
from tracks.submission import Submission

if TYPE_CHECKING:
    from agent.proposers.gates.fingerprint import Neighbour
    from tracks.evaluation import Evaluation
    from tracks.rules.checker import Finding

LINE = re.compile(r'File "submission.py", line (\d+)')


def check(
    machine: CpuMachine,
    path: Path = typer.Argument(..., help="File that defines Submission, or its folder."),
    study: str | None = typer.Option(
        None, metavar="NAME", help="Compare with the trials of this study as well."
    ),
    static: bool = typer.Option(False, "--static", help="Read only; run nothing."),
    as_json: Json = False,
) -> None:
    """Check a submission: rules, whether it runs, known or new.

    It runs on two probes, small models with fixed gradients. Its behavioural fingerprint, the
    updates that it makes there, is compared with those of known optimizers (recipes, submissions,
    and what torch.optim, pytorch_optimizer and heavyball publish), so other names and another order
    of the same arithmetic do not hide a copy.

    Exit status 3 where a rule is broken, or where it fails on every probe. Nothing is written.

    \b
    Examples:
      autoresearch check mine.py
      autoresearch check mine.py --study mqar-1 --json
    """
    asked = machine.on()
    candidate = inputs.read_candidate(path)
    checked = _Checked(candidate, inputs.read_rules(candidate))
    # a file that breaks a rule is not run
    if not (static or checked.broken):
        checked.run(study, asked)
    output.show_lines(as_json, checked.to_json(), checked.lines())
    if checked.broken or checked.works is False:
        raise typer.Exit(output.FAILED)


@dataclass
class _Checked:
    """A submission, its findings and, once it has run, what came of that."""

    candidate: Submission
    findings: "list[Finding]"
    nearest: "Neighbour | None" = None
    failed: "dict[str, Evaluation]" = field(default_factory=dict)
    """By the probe that it fails on."""
    works: bool | None = None
    """Whether it passes a probe."""

    @property
    def broken(self) -> bool:
        return any(finding.forbidden for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        return {
            "path": self.candidate.path,
            "digest": self.candidate.digest,
            "allowed": not self.broken,
            "findings": [asdict(finding) for finding in self.findings],
            "works": self.works,
            "closest": self.nearest.to_json() if self.nearest else None,
            "failed_probes": {name: _why(evaluation) for name, evaluation in self.failed.items()},
        }

    def lines(self) -> Iterator[str]:
        for finding in self.findings:
            yield f"{self.candidate.path}:{finding.line}: {finding.labelled}"
        for probe, evaluation in self.failed.items():
            yield from self._failure(probe, evaluation)
        if near := self.nearest:
            yield (
                f"It {near.verdict} {near.name} (distance of their updates {near.distance:.2g}; "
                f"{near.rescaled:.2g} apart from their size; 0 is equal, 1.4 unrelated)."
            )
        yield self._conclusion()

    def _failure(self, probe: str, evaluation: "Evaluation") -> Iterator[str]:
        """Where and why it failed; that is no error where it is for models of another kind."""
        trace, where, code = evaluation.traceback, self.candidate.path, ""
        for line, below in zip(trace, [*trace[1:], ""], strict=False):
            if match := LINE.search(line):
                where, code = f"{self.candidate.path}:{match[1]}", below
        verdict = "note" if self.works else "fails"
        kind = "; no error where it is for other models" if self.works else ""
        yield f"{where}: {verdict} (on {probe}): {_why(evaluation)}{kind}"
        if code:
            yield code

    def _conclusion(self) -> str:
        if self.works is False:
            return "It fails on every probe, so no track can measure it."
        if self.broken:
            return "It breaks a rule."
        if self.findings:
            places = "a place" if len(self.findings) == 1 else f"{len(self.findings)} places"
            return f"No rule is plainly broken; {places} must be read by hand."
        return "No rule is broken."

    def run(self, study: str | None, asked: CpuMachine) -> None:
        """Run it on the probes, and compare it with known ones and with the study's trials."""
        workspace = inputs.workspace()
        kept = workspace.runs / EVALUATIONS
        with (
            temporary_folder("check") as none,
            # a check leaves no folder behind where no study has made one
            measuring(asked, evaluations=kept if os.access(kept, os.W_OK) else none) as made,
        ):
            from agent.proposers.gates.fingerprint import (
                failed_probes,
                nearer,
                nearest_known,
                nearest_published,
            )
            from agent.proposers.gates.known import known_submissions, trial_folders
            from tracks.probe import PROBES

            trials = trial_folders(inputs.open_ledger().open(study)) if study else {}
            here = Path(self.candidate.path).resolve()
            known = [
                (name, other)
                for name, other in known_submissions(workspace, trials)
                # recipes are in no file
                if name.startswith("recipe ") or Path(other.path).resolve() != here
            ]
            executor, _ = made
            self.failed = failed_probes(executor, self.candidate)
            passed = [probe for probe in PROBES if probe.name not in self.failed]
            if passed:
                self.nearest = nearer(
                    nearest_known(executor, self.candidate, known, passed),
                    nearest_published(executor, self.candidate, passed),
                )
            self.works = bool(passed)


def _why(evaluation: "Evaluation") -> str:
    from tracks.rules.hints import with_hint

    return f"{evaluation.state}: {with_hint(evaluation.reason, evaluation.traceback)}"
