"""What several verbs share: consoles, JSON, and checks of their arguments."""

import functools
import json
import math
import re
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from agent.study.errors import UserError
from agent.study.workspace import Workspace, find_workspace
from tracks.printable import printable, printable_lines
from tracks.submission import InvalidSubmissionError, Submission, read_submission

if TYPE_CHECKING:
    from agent.study.evaluation_store import EvaluationStore
    from agent.study.ledger import Ledger
    from tracks.base import Objective, Track
    from tracks.procedure import TrainerName
    from tracks.rules.rulebook import Finding

SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
PLAIN_WIDTH = 120


class Stopped(Exception):
    """A job cannot go on now, for a fault of a service; the message says how to go on later."""


class Interrupted(Exception):
    """The user stopped a job; the message says how to take it up again."""


def console(*, stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else PLAIN_WIDTH)


def print_json(content: Any) -> None:
    print(json.dumps(content, indent=2))


def say(text: str, *, end: str = "\n", stderr: bool = False) -> None:
    """Print text that may hold words of others: its lines stay, nothing in it acts."""
    print(printable_lines(text), end=end, file=sys.stderr if stderr else sys.stdout, flush=stderr)


def open_ledger(*, read_only: bool = False) -> "Ledger":
    """The ledger of this workspace; with `read_only` nothing is written there."""
    from agent.study.ledger import Ledger

    return Ledger(workspace(), read_only=read_only)


def evaluation_store() -> "EvaluationStore":
    """Of the workspace around the current folder, which is made ready to be written to."""
    from agent.study.evaluation_store import EvaluationStore

    return EvaluationStore(workspace().writable_runs() / "evaluations")


def workspace() -> Workspace:
    """The one that the current folder is in; it is said where that is a folder above."""
    here = Path.cwd()
    found = find_workspace(here)
    if found.root != here:
        _say_where(found.root)
    return found


@functools.cache
def _say_where(root: Path) -> None:
    print(f"autoresearch: the workspace is {printable(str(root))}", file=sys.stderr)


def read_candidate(path: Path) -> Submission:
    """The submission in this file or folder."""
    try:
        return read_submission(path)
    except InvalidSubmissionError as error:
        raise UserError(str(error)) from error


def read_rules(submission: Submission) -> "list[Finding]":
    """What the rule book says of a file."""
    from tracks.rules.checker import check

    # what Python's parser warns of is no finding
    with warnings.catch_warnings(action="ignore"):
        return check(submission)


def require_allowed(submission: Submission) -> "list[Finding]":
    """What the rule book says of a file; UserError where no verb may run it."""
    findings = read_rules(submission)
    broken = [finding for finding in findings if finding.level == "forbidden"]
    if broken:
        path, first = submission.path, broken[0]
        more = f" ({len(broken)} in all: `autoresearch check {path}`)" if broken[1:] else ""
        raise UserError(f"{path}, line {first.line}: {first.text}{more}")
    return findings


def known_track(name: str) -> "Track":
    from tracks.registry import UnknownTrackError, all_tracks

    # a probe has a name too, but is no track
    track = all_tracks().get(name)
    if track is None:
        raise UserError(str(UnknownTrackError(name)))
    return track


def known_objective(name: str | None, track: "Track") -> "Objective":
    """The objective that was asked for, or else the track's."""
    objectives: dict[str | None, Objective] = {
        None: track.objective,
        "final": "final",
        "steps": "steps",
    }
    if name not in objectives:
        raise UserError(f"objective {name!r}: expected final or steps")
    return objectives[name]


def known_scale(name: str, track: "Track") -> str:
    if name not in track.scales:
        raise UserError(f"scale {name!r}: {track.name} has {', '.join(track.scales)}")
    return name


def known_trainer(name: str) -> "TrainerName":
    from tracks.procedure import TRAINERS

    for known in TRAINERS:
        if name == known:
            return known
    raise UserError(f"trainer {name!r}: expected {' or '.join(TRAINERS)}")


def finite(option: str, value: float | None) -> None:
    """Refuse what is no number; typer takes `nan` and `inf` for one."""
    if value is not None and not math.isfinite(value):
        raise UserError(f"{option} {value}: expected a finite number")


def seconds(text: str | None) -> float | None:
    """Parse a duration such as 90, 90s, 30m or 2h."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if not match or float(match[1]) <= 0:
        raise UserError(f"duration {text!r}: expected a positive number such as 90, 90s, 30m or 2h")
    return float(match[1]) * SECONDS[match[2]]
