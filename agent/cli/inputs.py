"""What verbs read: the workspace, its ledger, and submissions with the rules they break."""

import functools
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from agent.study.errors import UserError
from agent.study.workspace import EVALUATIONS, Workspace, find_workspace
from tracks.printable import printable
from tracks.submission import InvalidSubmissionError, Submission, read_submission

if TYPE_CHECKING:
    from agent.study.evaluation_store import EvaluationStore
    from agent.study.ledger import Ledger
    from tracks.rules.rulebook import Finding


def open_ledger(*, read_only: bool = False) -> "Ledger":
    """The ledger of this workspace; with `read_only` nothing is written there."""
    from agent.study.ledger import Ledger

    return Ledger(workspace(), read_only=read_only)


def evaluation_store() -> "EvaluationStore":
    """The evaluations kept in this workspace, which is made ready to be written to."""
    from agent.study.evaluation_store import EvaluationStore

    return EvaluationStore(workspace().writable_runs() / EVALUATIONS)


def workspace() -> Workspace:
    """The workspace around the current folder; a line says where it is a folder above."""
    here = Path.cwd()
    found = find_workspace(here)
    if found.root != here:
        _say_where(found.root)
    return found


@functools.cache
def _say_where(root: Path) -> None:
    print(f"autoresearch: the workspace is {printable(str(root))}", file=sys.stderr)


def read_candidate(path: Path) -> Submission:
    """The submission in this file or folder. Raises UserError."""
    try:
        return read_submission(path)
    except InvalidSubmissionError as error:
        raise UserError(str(error)) from error


def read_rules(submission: Submission) -> "list[Finding]":
    """The findings of the rule checker on a file."""
    from tracks.rules.checker import check

    # a warning of Python's parser is no finding
    with warnings.catch_warnings(action="ignore"):
        return check(submission)


def require_allowed(submission: Submission) -> "list[Finding]":
    """The findings on a file. Raises UserError where it breaks a rule, so that no verb runs it."""
    findings = read_rules(submission)
    broken = [finding for finding in findings if finding.forbidden]
    if broken:
        path, first = submission.path, broken[0]
        more = f" ({len(broken)} in all: `autoresearch check {path}`)" if broken[1:] else ""
        raise UserError(f"{path}, line {first.line}: {first.text}{more}")
    return findings
