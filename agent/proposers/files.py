"""Proposals handed in as files, by a person or by another agent."""

from pathlib import Path

import optuna

from agent.study.proposal import Proposal
from agent.study.workspace import write_text
from tracks.printable import plain
from tracks.submission import Submission, read_submission

ORIGIN = "file"
AGENT = "agent"
"""Of what was handed in one by one with a hypothesis, through `autoresearch propose`."""


def enqueue_file(study: optuna.Study, folder: Path, submission: Submission) -> None:
    """Copy a submission into the study's folder and queue it, unless the study has it already."""
    if any(t.user_attrs.get("digest") == submission.digest for t in study.get_trials()):
        return
    write_text(_copy(folder, submission.digest), submission.source)
    attributes = {
        "origin": ORIGIN,
        "label": plain(submission.name, 60),
        "digest": submission.digest,
    }
    study.enqueue_trial({}, user_attrs=attributes)


def propose(trial: optuna.Trial, folder: Path) -> Proposal:
    attributes = trial.user_attrs
    submission = read_submission(_copy(folder, attributes["digest"]))
    return Proposal(submission, ORIGIN, attributes["label"])


def _copy(folder: Path, digest: str) -> Path:
    return folder / "outside" / f"{digest}.py"
