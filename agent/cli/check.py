"""`autoresearch check`: does a submission keep the rules, and is it a known optimizer?"""

import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from agent.cli import inputs, output
from agent.cli.machine import CpuMachine, measuring
from agent.cli.options import Json
from tracks.printable import printable
from tracks.submission import Submission

if TYPE_CHECKING:
    from agent.proposers.gates.fingerprint import Neighbour
    from tracks.evaluation import Evaluation
    from tracks.rules.checker import Finding

FAILED = 3
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
    updates that it makes there, is compared with those of known optimizers, so other names and
    another order of the same arithmetic do not hide a copy.

    Exit status 3 where a rule is broken, or where it fails on every probe. Nothing is written.

    \b
    Examples:
      autoresearch check mine.py
      autoresearch check submissions/adamw --study mqar-1 --json
    """
    asked = machine.on()
    candidate = inputs.read_candidate(path)
    findings = inputs.read_rules(candidate)
    broken = any(finding.level == "forbidden" for finding in findings)
    nearest: Neighbour | None = None
    failed: dict[str, Evaluation] = {}
    works: bool | None = None
    # a file that breaks a rule is not run
    if not (static or broken):
        nearest, failed, works = _nearest(candidate, study, asked)
    if as_json:
        output.print_json(
            {
                "path": candidate.path,
                "digest": candidate.digest,
                "allowed": not broken,
                "findings": [asdict(finding) for finding in findings],
                "works": works,
                "closest": nearest.to_json() if nearest else None,
                "failed_probes": {name: _why(evaluation) for name, evaluation in failed.items()},
            }
        )
    else:
        for line in _lines(candidate, findings, failed, nearest, works):
            output.say(line)
    if broken or works is False:
        raise typer.Exit(FAILED)


def _lines(
    candidate: Submission,
    findings: "list[Finding]",
    failed: "dict[str, Evaluation]",
    nearest: "Neighbour | None",
    works: bool | None,
) -> Iterator[str]:
    for finding in findings:
        where = f"{printable(candidate.path)}:{finding.line}"
        yield f"{where}: {finding.level} ({finding.rule}): {finding.text}"
    for probe, evaluation in failed.items():
        yield _failure(candidate, probe, evaluation, works)
    if nearest:
        yield (
            f"It {nearest.verdict} {printable(nearest.name)} (distance of their updates "
            f"{nearest.distance:.2g}; {nearest.rescaled:.2g} apart from their size; 0 is equal, "
            "1.4 unrelated)."
        )
    yield _conclusion(findings, works)


def _why(evaluation: "Evaluation") -> str:
    from tracks.rules.hints import with_hint

    return f"{evaluation.state}: {with_hint(evaluation.reason, evaluation.traceback)}"


def _failure(
    candidate: Submission, probe: str, evaluation: "Evaluation", works: bool | None
) -> str:
    """Where and why it failed; that is no error where it is for models of another kind."""
    trace = evaluation.traceback
    frames = [
        (m[1], trace[i + 1 : i + 2]) for i, one in enumerate(trace) if (m := LINE.search(one))
    ]
    line, code = frames[-1] if frames else ("", ())
    where = f"{candidate.path}:{line}" if line else candidate.path
    verdict = "note" if works else "fails"
    kind = "; no error where it is for other models" if works else ""
    what = f"{where}: {verdict} (on {probe}): {_why(evaluation)}{kind}"
    return "\n".join([what, *code])


def _conclusion(findings: "list[Finding]", works: bool | None) -> str:
    if works is False:
        return "It fails on every probe, so no track can measure it."
    if any(finding.level == "forbidden" for finding in findings):
        return "It breaks a rule."
    if findings:
        places = "a place" if len(findings) == 1 else f"{len(findings)} places"
        return f"No rule is plainly broken; {places} must be read by hand."
    return "No rule is broken."


def _nearest(
    candidate: Submission, study: str | None, asked: CpuMachine
) -> "tuple[Neighbour | None, dict[str, Evaluation], bool]":
    """The nearest known one, the probes that it fails on, and whether it passes one."""
    workspace = inputs.workspace()
    with asked.launcher() as launcher, tempfile.TemporaryDirectory() as folder:
        from agent.proposers.gates.fingerprint import failed_probes, nearest_known
        from agent.proposers.gates.known import known_submissions, trial_folders
        from agent.study.evaluation_store import EvaluationStore
        from tracks.probe import PROBES

        kept = workspace.runs / "evaluations"
        # a check leaves no folder behind where no study has made one
        store = EvaluationStore(kept if os.access(kept, os.W_OK) else Path(folder))
        ledger = inputs.open_ledger().open(study) if study else None
        trials = trial_folders(ledger) if ledger else {}
        here = Path(candidate.path).resolve()
        known = [
            (name, other)
            for name, other in known_submissions(workspace, trials)
            # recipes are in no file
            if name.startswith("recipe ") or Path(other.path).resolve() != here
        ]
        with measuring(launcher, store, asked) as (executor, _):
            failed = failed_probes(executor, candidate)
            passed = [probe for probe in PROBES if probe.name not in failed]
            nearest = nearest_known(executor, candidate, known, passed) if passed else None
            return nearest, failed, bool(passed)
