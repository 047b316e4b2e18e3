"""Submissions of others: found in a folder, checked, and measured here."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.knowledge.leaderboard import BASELINE, results_by_track
from agent.knowledge.survey.foreign import candidates, files_below
from agent.publish.contests.enclosed import is_enclosed, taken_out
from agent.publish.winner_files import compact_json
from agent.study.errors import UserError
from agent.study.executor import Executor
from agent.study.progress import View
from agent.study.records import Outcome
from agent.study.schema_version import SCHEMA_VERSION
from agent.study.workspace import Workspace, read_json, write_text
from agent.verdict.comparison import run_all
from tracks.evaluation import Evaluation
from tracks.instance import official_instance
from tracks.procedure import official_procedure
from tracks.registry import get_track
from tracks.result_file import result_record
from tracks.rules.checker import broken
from tracks.rules.hints import with_hint
from tracks.submission import (
    MAX_BYTES,
    InvalidSubmissionError,
    Submission,
    parse_submission,
    read_submission,
)

IMPORTED = "imported_from"
DATE = re.compile(r"^\d{4}-?\d\d-?\d\d_")
"""What the folders of contests begin with."""

OUTSIDE_NAMES = re.compile(r"[^A-Za-z0-9_+-]+")
"""A winner of several phases has a + between their names."""


@dataclass(frozen=True)
class Row:
    """A file on a track, with the result in words; `state` is that of the evaluation, or invalid,
    forbidden or duplicate for a file that was left out."""

    file: str
    name: str | None
    track: str | None
    state: str
    result: str


@dataclass(frozen=True)
class Found:
    """A file that passes the rules, under the name that it gets here."""

    file: str
    name: str
    submission: Submission


@dataclass(frozen=True)
class Source:
    """A folder of others with its origin in words; `prefix` goes before the name of each."""

    folder: Path
    origin: str
    prefix: str = ""


def import_all(
    workspace: Workspace,
    executor: Executor,
    view: View,
    source: Source,
    tracks: Sequence[str],
    scale: str,
) -> list[Row]:
    """Measure every submission of the source on every track; one row for each pair.

    A result on a small scale never replaces a full one. Raises UserError for a source without
    submissions, and for a name that is taken.
    """
    rows, found = _checked(source)
    for one in found:
        _require_free(workspace, one)
    results: dict[str, dict[str, Any]] = {one.name: {} for one in found}
    for track in tracks if found else ():
        objective = get_track(track).objective
        for one, evaluation in _measured(executor, view, found, track, scale):
            said = with_hint(str(Outcome.of(evaluation, objective)), evaluation.traceback)
            rows.append(Row(one.file, one.name, track, evaluation.state, said))
            if evaluation.complete:
                where = f"submissions/{one.name}/submission.py"
                record = result_record(evaluation, one.name, where, objective)
                results[one.name][track] = record
    for one in found:
        if results[one.name]:
            _keep(workspace, one, f"{one.file} of {source.origin}", results[one.name])
    return rows


def _checked(source: Source) -> tuple[list[Row], list[Found]]:
    """Rows of the files that are left out, and the others."""
    if OUTSIDE_NAMES.search(source.prefix):
        raise UserError(f"--prefix {source.prefix!r}: expected letters, digits, '-', '_' and '+'")
    rows: list[Row] = []
    found: dict[str, Found] = {}
    digests = set()
    for path in [*candidates(source.folder), *programs(source.folder)]:
        file = str(path.relative_to(source.folder))
        try:
            own, submission = _read(source, path)
        except InvalidSubmissionError as error:
            rows.append(Row(file, None, None, "invalid", str(error).replace(str(path), file)))
            continue
        if breaches := broken(submission):
            reason = f"line {breaches[0].line}: {breaches[0].text}"
            rows.append(Row(file, None, None, "forbidden", reason))
        elif submission.digest in digests:
            rows.append(Row(file, None, None, "duplicate", "the same as a file before it"))
        else:
            name = _free(source, own, found)
            found[name] = Found(file, name, submission)
            digests.add(submission.digest)
    if not rows and not found:
        raise UserError(
            f"{source.origin}: no Python file there defines a class Submission; "
            "to a file with an optimizer Muon, add the line Submission = Muon"
        )
    return rows, list(found.values())


def _measured(
    executor: Executor, view: View, found: Sequence[Found], track: str, scale: str
) -> Iterable[tuple[Found, Evaluation]]:
    known, instance = get_track(track), official_instance(track, scale)
    view.phase(f"measuring on {track}", len(found))
    tasks = [(one.name, one.submission, instance) for one in found]
    procedure = official_procedure(known, known.objective)
    return zip(found, run_all(executor, view, tasks, known.objective, procedure), strict=True)


def programs(folder: Path) -> list[Path]:
    """Training scripts with a submission inside; logs of such where no script is beside them."""
    scripts = [path for path in files_below(folder, "*.py") if is_enclosed(_beginning(path))]
    with_script = {path.parent for path in scripts}
    logs = [path for end in ("txt", "log") for path in files_below(folder, f"*.{end}")]
    alone = (path for path in logs if path.parent not in with_script)
    return [*scripts, *(path for path in alone if is_enclosed(_beginning(path)))]


def _beginning(path: Path) -> str:
    with open(path, "rb") as file:
        return file.read(MAX_BYTES).decode("utf-8", errors="replace")


def _read(source: Source, path: Path) -> tuple[str, Submission]:
    """A submission with the name it has there: in a program, of its folder, or of its file.

    Raises InvalidSubmissionError.
    """
    if is_enclosed(text := _beginning(path)):
        try:
            name, inside = taken_out(text)
        except ValueError as error:
            raise InvalidSubmissionError(f"{path}: {error}: it is cut or changed") from error
        submission = Submission(inside, str(path))
        parse_submission(submission)
        return name, submission
    named = path.name == "submission.py" and path.parent != source.folder
    name = DATE.sub("", path.parent.name) if named else path.stem
    return name, read_submission(path)


def _free(source: Source, own: str, taken: dict[str, Found]) -> str:
    """Its name here: with the prefix, and numbered if that is taken."""
    base = OUTSIDE_NAMES.sub("-", source.prefix + own).strip("-") or "imported"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    return name


def _keep(workspace: Workspace, one: Found, origin: str, results: dict[str, Any]) -> None:
    """Write code and results; results on other tracks that are there already stay."""
    folder = workspace.submissions / one.name
    tracks = results_by_track(folder / "result.json")
    for track, result in results.items():
        if result["scale"] == "full" or tracks.get(track, result)["scale"] != "full":
            tracks[track] = result
    content = {"schema_version": SCHEMA_VERSION, IMPORTED: origin, "tracks": tracks}
    write_text(folder / "submission.py", one.submission.source)
    write_text(folder / "result.json", compact_json(content, 3))


def _require_free(workspace: Workspace, one: Found) -> None:
    """Only a folder that was imported from there before may be written."""
    folder = workspace.submissions / one.name
    path = folder / "submission.py"
    if one.name == BASELINE:
        raise UserError(f"{BASELINE} is the name of the baseline; choose a --prefix")
    if path.exists() and read_submission(path).digest != one.submission.digest:
        raise UserError(f"submissions/{one.name} is another optimizer already; choose a --prefix")
    # an import is never an incumbent, so a winner must not become one
    results = folder / "result.json"
    if results.exists() and IMPORTED not in read_json(results):
        raise UserError(f"submissions/{one.name} is ours already; choose a --prefix")
