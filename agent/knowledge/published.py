"""Submissions of the workspace as standings: winners, imported ones, and what their code names."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.knowledge.leaderboard import RESTORE, Entry, entries
from agent.knowledge.standings import NO_STUDY, WAITS, Proposed, Standing, decision, utc
from agent.knowledge.tried import parts_in
from agent.study.errors import UserError
from agent.study.records import Origin, ProposalRecord
from agent.study.workspace import Workspace, read_json
from agent.verdict.chaos_record import Chaos, Key, measured, of_result
from agent.verdict.stage_record import first_error
from agent.verdict.verdict import Verdict
from tracks.base import Objective, Track
from tracks.printable import plain
from tracks.submission import InvalidSubmissionError, Submission, read_submission


@dataclass(frozen=True)
class Published:
    """Submissions with an official result on a track; `named` has those by part, of which no spec
    is known, but whose code names the part."""

    standings: Sequence[Standing]
    named: Mapping[str, Sequence[str]]
    perturbed: Mapping[Key, Chaos]

    def measured_again(self, entry: Standing, track: Track, aim: Objective, scale: str) -> Standing:
        """With the interval of its official result, where its file was measured perturbed."""
        key = entry.judged or entry.digest or "", track.name, scale
        found = of_result(self.perturbed, key, aim, track.eval_every[aim])
        if not found:
            return entry
        return replace(entry, interval=found.interval(aim), runs=len(found.results))


def published(workspace: Workspace, track: str, objective: Objective, scale: str) -> Published:
    """Those of this workspace. Raises UserError for a winner whose evidence cannot be read."""
    # only here: the signatures of all parts are compiled at import
    from agent.knowledge.survey.mentions import parts_named

    found: list[Standing] = []
    named: dict[str, list[str]] = defaultdict(list)
    for entry in entries(workspace, track, objective, scale):
        submission = _file(entry)
        standing = _standing(entry, submission, objective, scale)
        found.append(standing)
        if submission and not standing.parts:
            for mention in parts_named(submission.source):
                named[mention.part or ""].append(standing.name)
    return Published(found, named, measured(workspace, track))


def _file(entry: Entry) -> Submission | None:
    with suppress(InvalidSubmissionError):
        return read_submission(entry.path)
    return None


def _standing(
    entry: Entry, submission: Submission | None, objective: Objective, scale: str
) -> Standing:
    digest, date = submission.digest if submission else None, _date(entry.result.get("date_utc"))
    evidence = entry.path.parent / "evidence.json"
    reason = _came_from(entry.path.parent / "result.json")
    if evidence.exists():
        verdict, proposed, study = _confirmed(evidence)
        asked = (entry.result["track"], objective, scale)
        same_task = (verdict.track, verdict.objective, verdict.scale) == asked
        if same_task and verdict.pairs and verdict.challenger_digest == digest:
            judged = _date(verdict.date) or date
            return decision(verdict, study, proposed, digest=digest, date=judged)
        reason = f"confirmed on {verdict.track} by {verdict.objective}, scale {verdict.scale}; here"
        if same_task:
            reason = "its evidence is of another file;"
    return Standing(
        name=entry.name,
        standing="pending",
        score=entry.score(objective),
        reason=f"{reason} {WAITS}",
        waits=True,
        study=NO_STUDY,
        digest=digest,
        date=date,
    )


def _date(text: Any) -> str | None:
    """A date of a file that others may have written; None where it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return utc(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _came_from(path: Path) -> str:
    origin = (read_json(path, RESTORE) or {}).get("imported_from")
    return f"imported: {plain(str(origin))}:" if origin else "in submissions/:"


def _confirmed(path: Path) -> tuple[Verdict, Proposed, str]:
    """A winner's verdict, what it is made of, and the name of its study. Raises UserError."""
    evidence: Any = read_json(path, RESTORE)
    try:
        verdict = Verdict.from_json(evidence["verdict"])
        origin = Origin(evidence["origin"])
        record = ProposalRecord(origin=origin, label="", digest="", spec=evidence["spec"])
        spec, study = record.known_spec(), evidence["study"]["name"]
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path}: not a winner's evidence ({first_error(error)}); {RESTORE}"
        ) from error
    return verdict, Proposed(origin, "", tuple(sorted(parts_in(spec))) if spec else ()), study
