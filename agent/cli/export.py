"""`autoresearch export`: a published winner as a contribution to another contest."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from agent.cli import inputs, output
from agent.cli.contest_options import ContestOptions
from agent.cli.machine import CpuMachine, measuring
from agent.cli.options import FULL, Json, known_track
from agent.study.errors import UserError
from agent.study.workspace import Workspace, read_json, write_text
from tracks.base import Track, track_option
from tracks.submission import Submission

if TYPE_CHECKING:
    from agent.publish.contests.contribution import Contribution, Given
    from agent.publish.contests.form import Form
    from agent.study.executor import Executor
    from agent.verdict.verdict import Verdict
    from tracks.evaluation import Evaluation

CONTEST_SCALE = FULL


def export(
    machine: CpuMachine,
    contest: ContestOptions,
    name: str = typer.Argument(..., help="A folder of submissions/ that has evidence.json."),
    to: Literal["caffeine", "track3", "parameter-golf"] = typer.Option(
        ..., help="The contest, for its form."
    ),
    out: Path = typer.Option(Path("contribution"), help="Folder to write into."),
    as_json: Json = False,
) -> None:
    """Write a winner as a contribution to another contest.

    The code, a README with the tables by seed and the contest's statistic, a log a seed. Its runs
    by seed are repeated with the exact trainer, unless they are kept; that takes minutes. For
    track3 the winner is put into the contest's script, tried on a stand-in of its parameters, and
    the edit is shown as a diff. Once the script has run, the same command with its logs completes
    the folder.

    \b
    Examples:
      autoresearch export mqar-row-delta-dbe0c7 --to caffeine
      autoresearch export mqar-row-delta-dbe0c7 --to track3 --script train_gpt_simple.py
    """
    if out.exists() and not out.is_dir():
        raise UserError(f"--out {out}: is a file; expected a folder, or a name that is free")
    from agent.publish.contests.forms import FORMS

    form = FORMS[to]
    contribution = _contribution(form, name, contest.given(), machine)
    files = form.files(contribution)
    for path, text in files.items():
        write_text(out / path, text)
    diff = contribution.added.diff
    content = {"to": to, "out": str(out), "files": sorted(files), "diff": diff}
    written = [str(out / path) for path in sorted(files)]
    output.show_lines(as_json, content, [*diff.splitlines(), *written])


def _contribution(form: "Form", name: str, given: "Given", machine: CpuMachine) -> "Contribution":
    """A published winner with its runs here and what the contest adds. Raises UserError."""
    from agent.publish.contests.contribution import Contribution

    found = _published(inputs.workspace(), name)
    verdict = found.verdict
    added = form.add(found.submission, found.track, given)
    attempt = partial(form.try_out, winner=found.submission, given=given)
    official, seeds = _measured(found, machine.on(), attempt)
    return Contribution(
        submission=found.submission,
        incumbent=verdict.incumbent,
        objective=verdict.objective,
        official=official,
        seeds=seeds,
        date=datetime.now(UTC).date().isoformat(),
        key=verdict.key or "",
        track_option=found.track_option,
        added=added,
    )


@dataclass(frozen=True)
class _Published:
    """A winner with its verdict, and what `--track` gets for its track."""

    submission: Submission
    track: Track
    track_option: str
    verdict: "Verdict"


def _published(workspace: Workspace, name: str) -> _Published:
    """Raises UserError for a winner that was not confirmed at the contests' scale, or changed."""
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
        scale, option = study["scale"], track_option(study["track"], study.get("track_file"))
        if len(verdict.pairs) < 2:
            raise ValueError("fewer than two seeds")
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path}: not a winner's evidence ({first_error(error)}); restore it from git"
        ) from error
    file = f"submissions/{name}/submission.py"
    again = shlex.join(["autoresearch", "run", "--track", option, "--submission", file])
    if scale != CONTEST_SCALE:
        raise UserError(
            f"submissions/{name} was confirmed at scale {scale}; contests ask for full runs: "
            f"{again}"
        )
    winner = inputs.read_candidate(path.parent)
    if winner.digest != verdict.challenger_digest:
        raise UserError(
            f"submissions/{name}/submission.py is not the file that was confirmed; restore it from "
            f"git, or confirm this one: {again}"
        )
    return _Published(winner, _track(workspace, study, again), option, verdict)


def _track(workspace: Workspace, study: Mapping[str, str], again: str) -> Track:
    """The track on which a winner was confirmed. Raises UserError where its file has changed."""
    file = study.get("track_file")
    track = known_track(track_option(study["track"], file and str(workspace.root / file)))
    if track.source and track.source.digest != study.get("track_digest"):
        raise UserError(
            f"{track.source.path}, or a file that it names, has changed since the winner was "
            f"confirmed; restore it, or confirm the winner again: {again}"
        )
    return track


def _measured(
    published: _Published,
    asked: CpuMachine,
    attempt: "Callable[[Executor], None]",
) -> "tuple[Evaluation, list[tuple[Evaluation, Evaluation]]]":
    """After an attempt: the official run, and a run of both on each held-out instance, exact."""
    from agent.knowledge.leaderboard import named_submission
    from tracks.instance import drawn_instance, official_instance
    from tracks.procedure import official_procedure

    ours, track, verdict = published.submission, published.track, published.verdict
    name, other, objective = ours.name, verdict.incumbent, verdict.objective
    theirs = named_submission(inputs.workspace(), other)
    if theirs.digest != verdict.incumbent_digest:
        raise UserError(
            f"submissions/{other} is not what {name} was confirmed against; restore it from git"
        )
    tasks = [(name, ours, official_instance(track.name, CONTEST_SCALE))]
    for pair in verdict.pairs:
        instance = drawn_instance(track.name, pair.drawn_from, CONTEST_SCALE)
        tasks += [(name, ours, instance), (other, theirs, instance)]
    with measuring(asked) as (executor, view):
        from agent.verdict.comparison import run_all

        attempt(executor)
        view.phase("running every seed exactly", len(tasks))
        runs = run_all(executor, view, tasks, objective, official_procedure(track, objective))
    for (task, *_), run in zip(tasks, runs, strict=True):
        if not run.complete:
            raise UserError(f"{task} did not complete a run: {run.state}: {run.reason}")
    official, *pairs = runs
    return official, list(zip(pairs[::2], pairs[1::2], strict=True))
