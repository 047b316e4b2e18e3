"""Submissions with an official result, and the best of them: the incumbent."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from agent.study.errors import UnreadableFileError, UserError
from agent.study.workspace import PACKAGED_SUBMISSIONS, Workspace, read_json
from agent.verdict.chaos_record import Chaos, Interval, Key, of_result
from agent.verdict.stage_record import first_error
from agent.verdict.transfer_record import TransferRecord
from tracks.base import Objective
from tracks.registry import file_digest, get_track
from tracks.result_file import measured_metric
from tracks.submission import Submission, read_submission

BASELINE = "adamw"
Standing = Literal["confirmed", "confirmed elsewhere", "example", "changed", "imported", "baseline"]
"""Elsewhere: on another track. Example: confirmed, and shipped to be read. Changed: its evidence is
of another file."""
NO_INCUMBENTS = ("example", "changed", "imported")
"""What is changed or imported could have memorised the official instance; beside an example that is
as good as a track allows no search would ever win."""
RESTORE = "restore it from git"
NEEDED = {"track", "scale", "state", "steps_to_target", "max_steps"}
"""Fields of a result."""


@dataclass(frozen=True)
class Entry:
    """A submission with its official result on one track, as its result.json has it."""

    name: str
    path: Path
    result: Mapping[str, Any]
    standing: Standing

    @property
    def is_current(self) -> bool:
        """Whether it was measured on the track as it is now; a result without a digest was."""
        return self.result.get("track_digest") in (None, file_digest(self.result["track"]))

    @property
    def transfer(self) -> TransferRecord | None:
        """What came of it on other tasks, where it was tried; read from its evidence."""
        file = self.path.with_name("evidence.json")
        kept = _object_in(file).get("transfer")
        try:
            return TransferRecord.from_json(kept) if kept else None
        except ValueError as error:
            wrong = f"{file} is damaged: {first_error(error)}"
            raise UnreadableFileError(f"{wrong}; {RESTORE}") from error

    def interval(self, measured: Mapping[Key, Chaos], objective: Objective) -> Interval | None:
        """Of its official result, where this very file was measured with perturbed students."""
        if not (measured and self.path.is_file()):
            return None
        digest = read_submission(self.path).digest
        key = digest, self.result["track"], self.result["scale"]
        found = of_result(measured, key, objective, self.result.get("eval_every"))
        return found.interval(objective) if found else None

    def score(self, objective: Objective) -> float:
        """As Evaluation.score: lower is better."""
        if objective == "steps":
            return float(self.result["steps_to_target"] or self.result["max_steps"] + 1)
        metric = get_track(self.result["track"]).metric
        value = self.result[f"final_eval_{metric.name}"]
        return metric.loss(float("nan") if value is None else value)


def entries(
    workspace: Workspace, track: str, objective: Objective, scale: str = "full"
) -> list[Entry]:
    """Every submission with an official result at this scale of `track`, best first."""
    return by_version(workspace, track, objective, scale)[0]


def by_version(
    workspace: Workspace, track: str, objective: Objective, scale: str
) -> tuple[list[Entry], list[Entry]]:
    """The entries, best first, and those of another version of the track's file, which rank with
    no other."""
    found = list(_every(workspace, track, scale))
    current = [entry for entry in found if entry.is_current]
    for entry in current:
        _require_metric(entry.path.with_name("result.json"), track, entry.result)
    ranked = sorted(current, key=lambda entry: (entry.score(objective), entry.name))
    return ranked, [entry for entry in found if not entry.is_current]


def _every(workspace: Workspace, track: str, scale: str) -> Iterator[Entry]:
    for path in sorted(workspace.submissions.glob("*/result.json")):
        result = results_by_track(path).get(track)
        if not result:
            continue
        if wrong := _wrong(result):
            raise UserError(f"{path}: not a result file ({track} {wrong}); fix it or remove it")
        if result["scale"] == scale and _official(result):
            file = path.with_name("submission.py")
            yield Entry(path.parent.name, file, result, _standing(file, track))


def _wrong(result: object) -> str:
    """What keeps a result from being ranked; empty where nothing does."""
    if not isinstance(result, Mapping):
        return "is no object"
    if missing := NEEDED - result.keys():
        return f"without {', '.join(sorted(missing))}"
    metrics = [name for name in result if name.startswith("final_eval_")]
    for name in ("max_steps", "steps_to_target", *metrics):
        empty = result[name] is None and name != "max_steps"
        if not (empty or isinstance(result[name], int | float)):
            return f"with {name} {result[name]!r}, which is no number"
    return ""


def _require_metric(path: Path, track: str, result: Mapping[str, Any]) -> None:
    """Raise UserError for a result of another metric than the track has: it ranks with no other."""
    now, measured = get_track(track).metric.name, measured_metric(result)
    field = f"final_eval_{now}"
    if result.get(field) is None and (measured or field not in result):
        raise UserError(
            f"{path}: not a result of the track as it is now ({track} without {field}); remove "
            "that result, or give the track another name"
        )


def _official(result: Mapping[str, Any]) -> bool:
    """A complete exact run on the official instance."""
    chosen, trainer = result.get("drawn_from"), result.get("trainer", "exact")
    return result["state"] == "complete" and chosen is None and trainer == "exact"


def _standing(file: Path, track: str) -> Standing:
    evidence, kept = file.with_name("evidence.json"), _object_in(file.with_name("result.json"))
    if evidence.exists():
        verdict = _object_in(evidence).get("verdict") or {}
        if not isinstance(verdict, Mapping):
            raise UnreadableFileError(f"{evidence} is damaged: its verdict is none; {RESTORE}")
        if file.is_file() and read_submission(file).digest != verdict.get("challenger_digest"):
            return "changed"
        if kept.get("example"):
            return "example"
        return "confirmed" if verdict.get("track") == track else "confirmed elsewhere"
    return "imported" if "imported_from" in kept else "baseline"


def _object_in(file: Path) -> Mapping[str, Any]:
    """The fields of a JSON file; none where it is not there. Raises UnreadableFileError."""
    content = read_json(file, RESTORE)
    if content is not None and not isinstance(content, dict):
        raise UnreadableFileError(f"{file} is damaged: no object; {RESTORE}")
    return content or {}


def results_by_track(path: Path) -> dict[str, Any]:
    """The results of a file by track; empty where there is no file."""
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_text())
        # `eval --results-json` writes one track's result, a winner's file has them by track
        results = content["tracks"] if "tracks" in content else {content["track"]: content}
        return dict(results)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path}: not a result file ({error!r}); fix it or remove it") from error


def best_of_ours(
    workspace: Workspace, track: str, objective: Objective, scale: str = "full"
) -> Entry | None:
    """The best that may be an incumbent."""
    found = entries(workspace, track, objective, scale)
    return next((one for one in found if one.standing not in NO_INCUMBENTS), None)


def incumbent(
    workspace: Workspace, track: str, objective: Objective, scale: str = "full"
) -> tuple[str, Submission]:
    """Name and file of the best committed submission; the baseline where there is none."""
    best = best_of_ours(workspace, track, objective, scale)
    if best is None:
        return BASELINE, named_submission(workspace, BASELINE)
    return best.name, read_submission(best.path)


def named_submission(workspace: Workspace, name: str) -> Submission:
    """The workspace's submission of this name, or the packaged one; the baseline is packaged."""
    own = [] if name == BASELINE else [workspace.submissions]
    for folder in (*own, PACKAGED_SUBMISSIONS):
        if (folder / name / "submission.py").exists():
            return read_submission(folder / name)
    raise UserError(f"{workspace.submissions} has no {name}/submission.py to compare with")
