"""Submissions of others: found in a folder, checked, and measured here."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.knowledge.leaderboard import results_by_track
from agent.knowledge.survey.foreign import candidates
from agent.study.errors import UserError
from agent.study.executor import Executor
from agent.study.progress import View
from agent.study.records import Outcome
from agent.study.schema_version import SCHEMA_VERSION
from agent.study.workspace import Workspace, read_json, write_text
from agent.verdict.comparison import run_all
from tracks.instance import official_instance
from tracks.procedure import official_procedure
from tracks.registry import get_track
from tracks.result_file import result_record
from tracks.rules.checker import broken
from tracks.rules.hints import with_hint
from tracks.submission import InvalidSubmissionError, Submission, read_submission

IMPORTED = "imported_from"
Row = dict[str, Any]


def import_all(
    workspace: Workspace,
    executor: Executor,
    view: View,
    folder: Path,
    origin: str,
    tracks: Sequence[str],
    scale: str,
    prefix: str,
) -> list[Row]:
    """Measure every submission below `folder` on every track; one row for each of both.

    A row has file, name, track and a result in words; `state` is complete, duplicate, or why the
    file was left out. A result on a small scale never takes the place of a full one.
    """
    rows: list[Row] = []
    if not re.fullmatch(r"[A-Za-z0-9_-]*", prefix):
        raise UserError(f"--prefix {prefix!r}: expected letters, digits, '-' and '_'")
    wanted: dict[str, tuple[str, Submission]] = {}
    for path in candidates(folder):
        file = str(path.relative_to(folder))
        try:
            submission = read_submission(path)
        except InvalidSubmissionError as error:
            rows.append(_row(file, "invalid", str(error).replace(str(path), file)))
            continue
        breaches = broken(submission)
        if breaches:
            reason = f"line {breaches[0].line}: {breaches[0].text}"
            rows.append(_row(file, "forbidden", reason))
        elif any(submission.digest == known.digest for _, known in wanted.values()):
            rows.append(_row(file, "duplicate", "the same as a file before it"))
        else:
            wanted[_name(prefix, path, folder, wanted)] = (file, submission)
    if not rows and not wanted:
        raise UserError(
            f"{origin}: no Python file there defines a class Submission; "
            "to a file with an optimizer Muon, add the line Submission = Muon"
        )
    for name, (_, submission) in wanted.items():
        _require_free(workspace, name, submission)
    results: dict[str, dict[str, Any]] = {name: {} for name in wanted}
    for track in tracks:
        known = get_track(track)
        procedure = official_procedure(known, known.objective)
        instance = official_instance(track, scale)
        view.phase(f"measuring on {track}", len(wanted))
        tasks = [(name, submission, instance) for name, (_, submission) in wanted.items()]
        evaluations = run_all(executor, view, tasks, known.objective, procedure) if tasks else []
        for (name, (file, _)), evaluation in zip(wanted.items(), evaluations, strict=True):
            said = with_hint(str(Outcome.of(evaluation, known.objective)), evaluation.traceback)
            rows.append(_row(file, evaluation.state, said, name, track))
            if evaluation.complete:
                where = f"submissions/{name}/submission.py"
                results[name][track] = result_record(evaluation, name, where, known.objective)
    for name, (file, submission) in wanted.items():
        if results[name]:
            _keep(workspace, name, submission, f"{file} of {origin}", results[name])
    return rows


def _name(prefix: str, path: Path, folder: Path, taken: dict[str, Any]) -> str:
    own = path.parent.name if path.name == "submission.py" and path.parent != folder else path.stem
    base = re.sub(r"[^A-Za-z0-9_-]+", "-", prefix + own).strip("-") or "imported"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    return name


def _keep(
    workspace: Workspace, name: str, submission: Submission, source: str, results: dict[str, Any]
) -> None:
    """Write code and results; results on other tracks that are there already stay."""
    folder = workspace.submissions / name
    file = folder / "result.json"
    tracks = results_by_track(file)
    for track, result in results.items():
        if result["scale"] == "full" or tracks.get(track, result)["scale"] != "full":
            tracks[track] = result
    content = {"schema_version": SCHEMA_VERSION, IMPORTED: source, "tracks": tracks}
    write_text(folder / "submission.py", submission.source)
    write_text(file, json.dumps(content, indent=2) + "\n")


def _require_free(workspace: Workspace, name: str, submission: Submission) -> None:
    """Before anything is measured: no folder is touched that was not imported from there before."""
    folder = workspace.submissions / name
    path = folder / "submission.py"
    if path.exists() and read_submission(path).digest != submission.digest:
        raise UserError(f"submissions/{name} is another optimizer already; choose a --prefix")
    # to become an import would mean to be an incumbent no more
    results = folder / "result.json"
    if results.exists() and IMPORTED not in read_json(results):
        raise UserError(f"submissions/{name} is ours already; choose a --prefix")


def _row(
    file: str, state: str, result: str, name: str | None = None, track: str | None = None
) -> Row:
    return {"file": file, "name": name, "track": track, "state": state, "result": result}
