"""`autoresearch export`: a published winner as a contribution to another contest."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from agent.cli import inputs, output
from agent.cli.machine import CpuMachine, measuring
from agent.cli.options import FULL, Json, known_track
from agent.study.errors import UserError
from agent.study.workspace import Workspace, read_json, write_text
from tracks.base import Track
from tracks.printable import printable
from tracks.submission import Submission

if TYPE_CHECKING:
    from agent.publish.export import Contribution
    from agent.verdict.verdict import Verdict
    from tracks.evaluation import Evaluation
    from tracks.isolation.launcher import Launcher

CONTEST_SCALE = FULL


def export(
    machine: CpuMachine,
    name: str = typer.Argument(..., help="A folder of submissions/ that has evidence.json."),
    to: Literal["caffeine", "track3", "records"] = typer.Option(
        ..., help="The contest, for its form."
    ),
    out: Path = typer.Option(Path("contribution"), help="Folder to write into."),
    as_json: Json = False,
) -> None:
    """Write a winner as a contribution to another contest.

    Code, README with the table by seed and the contest's statistic, one log a seed. Its runs by
    seed are repeated with the exact trainer, unless they are kept; that takes minutes.

    \b
    Examples:
      autoresearch export mqar-row-delta-dbe0c7 --to caffeine
      autoresearch export mqar-row-delta-dbe0c7 --to track3 --out ../fork
    """
    if out.exists() and not out.is_dir():
        raise UserError(f"--out {out}: is a file; expected a folder, or a name that is free")
    winner = _published(inputs.workspace(), name)
    asked = machine.on()
    with asked.launcher() as launcher:
        given = _measured(winner, launcher, asked)
        from agent.publish.export import contribution_files

        files = contribution_files(to, given)
    for path, text in files.items():
        write_text(out / path, text)
    if as_json:
        output.print_json({"to": to, "out": str(out), "files": sorted(files)})
    else:
        print("\n".join(printable(str(out / path)) for path in sorted(files)))


@dataclass(frozen=True)
class _Winner:
    """A published winner and the record of its verdict."""

    name: str
    source: Submission
    track: Track
    scale: str
    verdict: "Verdict"


def _published(workspace: Workspace, name: str) -> _Winner:
    """Raises UserError for what is no confirmed winner at the contests' scale."""
    from agent.verdict.stage_record import first_error
    from agent.verdict.verdict import Verdict

    path = workspace.submissions / name / "evidence.json"
    evidence = read_json(path, "restore it from git")
    if evidence is None:
        there = [p.parent.name for p in sorted(workspace.submissions.glob("*/evidence.json"))]
        raise UserError(
            f"submissions/{name} has no evidence.json: only a confirmed winner is exported; "
            f"there are: {', '.join(there) or 'none yet (merge the branch of a study)'}"
        )
    try:
        study, verdict = evidence["study"], Verdict.from_json(evidence["verdict"])
        scale, track = study["scale"], study["track"]
        if len(verdict.pairs) < 2:
            raise ValueError("fewer than two seeds")
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path}: not a winner's evidence ({first_error(error)}); restore it from git"
        ) from error
    if scale != CONTEST_SCALE:
        raise UserError(
            f"submissions/{name} was confirmed at scale {scale}; contests ask for full runs: "
            f"autoresearch run --track {track} --submission submissions/{name}/submission.py"
        )
    source = inputs.read_candidate(path.parent)
    return _Winner(name, source, known_track(track), scale, verdict)


def _measured(winner: _Winner, launcher: "Launcher", asked: CpuMachine) -> "Contribution":
    """The contribution, with its official run and a run of both on each held-out instance."""
    from agent.knowledge.leaderboard import named_submission
    from agent.publish.export import Contribution
    from tracks.instance import drawn_instance, official_instance

    verdict, track, scale = winner.verdict, winner.track.name, winner.scale
    incumbent = named_submission(inputs.workspace(), verdict.incumbent)
    if incumbent.digest != verdict.incumbent_digest:
        raise UserError(
            f"submissions/{verdict.incumbent} is not what {winner.name} was confirmed against; "
            "restore it from git"
        )
    ours, theirs = (winner.name, winner.source), (verdict.incumbent, incumbent)
    tasks = [(*ours, official_instance(track, scale))]
    for pair in verdict.pairs:
        instance = drawn_instance(track, pair.drawn_from, scale)
        tasks += [(*ours, instance), (*theirs, instance)]
    official, *runs = _run_exactly(tasks, winner, launcher, asked)
    return Contribution(
        name=winner.name,
        source=winner.source.source,
        incumbent=verdict.incumbent,
        objective=verdict.objective,
        official=official,
        seeds=list(zip(runs[::2], runs[1::2], strict=True)),
        date=datetime.now(UTC).date().isoformat(),
        key=verdict.key or "",
    )


def _run_exactly(
    tasks: list[Any], winner: _Winner, launcher: "Launcher", asked: CpuMachine
) -> "list[Evaluation]":
    from agent.verdict.comparison import run_all
    from tracks.procedure import official_procedure

    objective = winner.verdict.objective
    procedure = official_procedure(winner.track, objective)
    with measuring(launcher, inputs.evaluation_store(), asked) as (executor, view):
        view.phase("running every seed exactly", len(tasks))
        runs = run_all(executor, view, tasks, objective, procedure)
    for (name, _, _), run in zip(tasks, runs, strict=True):
        if not run.complete:
            raise UserError(f"{name} did not complete a run: {run.state}: {run.reason}")
    return runs
