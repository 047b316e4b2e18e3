"""`autoresearch export` and `autoresearch import`: results to and from other contests."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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
from agent.study.errors import UserError
from agent.study.workspace import Workspace, write_text
from tracks.isolation.launcher import Launcher
from tracks.printable import printable

CONTEST_SCALE = "full"


def export(
    name: str = typer.Argument(..., help="A folder of submissions/ that has evidence.json."),
    to: str = typer.Option(..., "--to", help="caffeine, track3 or records."),
    out: Path = typer.Option(Path("contribution"), help="Folder to write into."),
    jobs: Jobs = None,
    trial_timeout: TrialTimeout = None,
    memory_mb: MemoryMb = MEMORY_MB,
    min_sandbox: MinSandbox = None,
    device: Device = "cpu",
    as_json: bool = typer.Option(False, "--json", help="Print what was written as JSON."),
) -> None:
    """Write a confirmed winner as a contribution in the form of another contest.

    Code, README with the table by seed and the contest's statistic, one log a seed. Its runs by
    seed are made again with the exact trainer, unless they are known; that takes minutes.

    \b
    Examples:
      autoresearch export mqar-row-delta-dbe0c7 --to caffeine
      autoresearch export mqar-row-delta-dbe0c7 --to track3 --out ../fork
    """
    from agent.publish.export import FORMS

    form = next((known for known in FORMS if known == to), None)
    if form is None:
        raise UserError(f"--to {to!r}: expected {', '.join(FORMS)}")
    if out.exists() and not out.is_dir():
        raise UserError(f"--out {out}: is a file; expected a folder, or a name that is free")
    asked = machine(jobs, trial_timeout, memory_mb, device, min_sandbox=min_sandbox)
    workspace = common.workspace()
    evidence, source = _published(workspace, name)
    verdict = evidence["verdict"]
    objective = verdict["objective"]
    track = common.known_track(evidence["study"]["track"])
    incumbent_name = verdict["incumbent"]
    with Launcher(asked.device) as launcher:
        from agent.knowledge.leaderboard import named_submission
        from agent.publish.export import Contribution, contribution_files
        from agent.verdict.comparison import run_all
        from tracks.instance import fresh_instance, official_instance
        from tracks.procedure import official_procedure

        incumbent = named_submission(workspace, incumbent_name)
        if incumbent.digest != verdict["incumbent_digest"]:
            raise UserError(
                f"submissions/{incumbent_name} is not what {name} was confirmed against; "
                "restore it from git"
            )
        scale = evidence["study"]["scale"]
        both = ((name, source), (incumbent_name, incumbent))
        fresh = [fresh_instance(track.name, p["drawn_from"], scale) for p in verdict["pairs"]]
        tasks = [(name, source, official_instance(track.name, scale))]
        tasks += [(*each, instance) for instance in fresh for each in both]
        procedure = official_procedure(track, objective)
        with measuring(launcher, common.evaluation_store(), asked) as (executor, view):
            view.phase("running every seed exactly", len(tasks))
            official, *runs = run_all(executor, view, tasks, objective, procedure)
        for (who, _, _), run in zip(tasks, (official, *runs), strict=True):
            if not run.complete:
                raise UserError(f"{who} did not complete a run: {run.state}: {run.reason}")
        given = Contribution(
            name=name,
            source=source.source,
            incumbent=incumbent_name,
            objective=objective,
            official=official,
            seeds=list(zip(runs[::2], runs[1::2], strict=True)),
            date=datetime.now(UTC).date().isoformat(),
            key=verdict.get("key"),
        )
        files = contribution_files(form, given)
    for path, text in files.items():
        write_text(out / path, text)
    if as_json:
        common.print_json({"schema_version": 1, "to": to, "out": str(out), "files": sorted(files)})
    else:
        print("\n".join(printable(str(out / path)) for path in sorted(files)))


def _published(workspace: Workspace, name: str) -> tuple[dict[str, Any], Any]:
    folder = workspace.submissions / name
    path = folder / "evidence.json"
    if not path.exists():
        there = [p.parent.name for p in sorted(workspace.submissions.glob("*/evidence.json"))]
        raise UserError(
            f"submissions/{name} has no evidence.json: only a confirmed winner is exported; "
            f"there are: {', '.join(there) or 'none yet (merge the branch of a study)'}"
        )
    try:
        evidence = json.loads(path.read_text(encoding="utf-8"))
        if len(evidence["verdict"]["pairs"]) < 2:
            raise ValueError("fewer than two seeds")
        scale = evidence["study"]["scale"]
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path}: not a winner's evidence ({error}); restore it from git"
        ) from error
    if scale != CONTEST_SCALE:
        raise UserError(
            f"submissions/{name} was confirmed at scale {scale}; contests ask for full runs: "
            f"autoresearch run --track {evidence['study']['track']} "
            f"--submission submissions/{name}/submission.py"
        )
    return evidence, common.read_candidate(folder)


def import_submissions(
    source: str = typer.Argument(
        ..., help="A folder, or the https, ssh or file URL of a git repository."
    ),
    track: list[str] = typer.Option(..., "--track", help="Track to measure on; repeatable."),
    prefix: str = typer.Option("", help="Put before the name of each."),
    jobs: Jobs = None,
    trial_timeout: TrialTimeout = None,
    memory_mb: MemoryMb = MEMORY_MB,
    min_sandbox: MinSandbox = None,
    device: Device = "cpu",
    scale: str = typer.Option("full", help="Size of a run."),
    as_json: bool = typer.Option(False, "--json", help="Print what was found as JSON."),
) -> None:
    """Bring the submissions of others into the leaderboard by measuring them here.

    Every file named submission.py, and every other Python file that defines Submission, is checked,
    measured on the official instance with the exact trainer, and copied into submissions/ with its
    result. What breaks a rule or fails is listed with the reason, and left out. It is an incumbent
    only once `run --submission` has confirmed it.

    \b
    Examples:
      autoresearch import ../caffeine/submissions --track random_teacher
      autoresearch import https://example.org/fork.git --track mqar --prefix fork-
    """
    for name in track:
        common.known_scale(scale, common.known_track(name))
    asked = machine(jobs, trial_timeout, memory_mb, device, min_sandbox=min_sandbox)
    workspace = common.workspace()
    workspace.writable_runs()
    from agent.knowledge.survey.foreign import fetched

    with Launcher(asked.device) as launcher, fetched(source) as (folder, origin):
        from agent.publish.importer import import_all
        from agent.report.terminal_table import print_table
        from agent.study.schema_version import SCHEMA_VERSION

        with measuring(launcher, common.evaluation_store(), asked) as (executor, view):
            found = import_all(workspace, executor, view, folder, origin, track, scale, prefix)
    if as_json:
        common.print_json({"schema_version": SCHEMA_VERSION, "source": source, "found": found})
        return
    rows = [[row["file"], row["name"] or "-", row["track"] or "-", row["result"]] for row in found]
    print_table(common.console(), f"From {source}", ["file", "name", "track", "result"], rows)
