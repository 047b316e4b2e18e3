"""`autoresearch check`: does a submission keep the rules, and is it a known optimizer?"""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from agent.cli import common
from agent.cli.machine import (
    MEMORY_MB,
    Device,
    Jobs,
    Machine,
    MemoryMb,
    TrialTimeout,
    machine,
    measuring,
)
from tracks.launcher import Launcher
from tracks.printable import printable
from tracks.submission import Submission

if TYPE_CHECKING:
    from agent.checker import Finding
    from agent.fingerprint import Likeness

FAILED = 3


def check(
    path: Path = typer.Argument(..., help="File that defines Submission, or its folder."),
    study: str = typer.Option(None, help="Compare with the trials of this study as well."),
    static: bool = typer.Option(False, "--static", help="Read only; run nothing."),
    jobs: Jobs = None,
    trial_timeout: TrialTimeout = None,
    memory_mb: MemoryMb = MEMORY_MB,
    device: Device = "cpu",
    as_json: bool = typer.Option(False, "--json", help="Print the findings as JSON."),
) -> None:
    """Read a submission for what breaks the rules, then compare what it does with what is known.

    What it does is seen from its updates on fixed gradients, so other names and another order of
    the same arithmetic do not hide a copy. Exit status 3 where a rule is broken.

    \b
    Examples:
      autoresearch check mine.py
      autoresearch check submissions/adamw --study mqar-1 --json
    """
    from agent.checker import check as read
    from agent.ledger import SCHEMA_VERSION

    asked = machine(jobs, trial_timeout, memory_mb, device)
    candidate = common.read_candidate(path)
    findings = read(candidate)
    broken = any(finding.level == "forbidden" for finding in findings)
    # what breaks a rule is not run to see what it does
    unread = static or broken
    alike, failed = (None, {}) if unread else _closest(candidate, study, asked)
    data: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "path": candidate.path,
        "digest": candidate.digest,
        "allowed": not broken,
        "findings": [asdict(finding) for finding in findings],
        "closest": alike.to_json() if alike else None,
        "failed_probes": failed,
    }
    if as_json:
        common.print_json(data)
    else:
        for finding in findings:
            where = f"{printable(candidate.path)}:{finding.line}"
            print(f"{where}: {finding.level} ({finding.rule}): {finding.message}")
        for probe, reason in failed.items():
            print(
                f"It fails on {probe}, the smallest model of its kind ({reason}): no fault where "
                "it is for other models."
            )
        if alike:
            print(
                f"It {alike.verdict} {printable(alike.name)} (its updates "
                f"differ by {alike.distance:.2g}; by {alike.rescaled:.2g} apart from their size; "
                "0 is the same, 1.4 unrelated)."
            )
        print(_conclusion(findings))
    if broken:
        raise typer.Exit(FAILED)


def _conclusion(findings: "list[Finding]") -> str:
    broken = sum(finding.level == "forbidden" for finding in findings)
    suspect = len(findings) - broken
    if broken:
        return "It breaks a rule."
    if suspect:
        places = "a place" if suspect == 1 else f"{suspect} places"
        return f"No rule is plainly broken; {places} must be read by hand."
    return "No rule is broken."


def _closest(
    candidate: Submission, study: str | None, asked: Machine
) -> tuple["Likeness | None", dict[str, str]]:
    """The nearest of recipes, submissions and a study's trials, and the probes that it fails on."""
    workspace = common.workspace()
    workspace.writable_runs()
    with Launcher() as launcher:
        from agent.fingerprint import closest_known, failed_probes
        from agent.known import known_submissions, trial_folders
        from tracks.probe import PROBES

        ledger = common.open_ledger().open(study) if study else None
        trials = trial_folders(ledger) if ledger else {}
        here = Path(candidate.path).resolve()
        known = [
            (name, other)
            for name, other in known_submissions(workspace, trials)
            # recipes are in no file
            if name.startswith("recipe ") or Path(other.path).resolve() != here
        ]
        with measuring(launcher, common.evaluation_store(), asked) as (executor, _):
            failed = failed_probes(executor, candidate)
            passed = [probe for probe in PROBES if probe.name not in failed]
            alike = closest_known(executor, candidate, known, passed) if passed else None
            return alike, failed
