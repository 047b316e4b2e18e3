"""Proposals given to `run` as files."""

from pathlib import Path

from agent.study.proposal import Proposal
from agent.study.records import Origin, Queued
from agent.study.study import Study
from agent.study.workspace import write_text
from tracks.printable import plain
from tracks.submission import Submission, read_submission


def enqueue_file(study: Study, submission: Submission) -> None:
    """Copy a submission into the study's folder and queue it, unless the study has it already."""
    digest = submission.digest
    if any(trial.queued and trial.queued.digest == digest for trial in study.every_trial()):
        return
    write_text(kept_copy(study.folder, digest), submission.source)
    label = plain(submission.name, 60)
    study.enqueue({}, Queued(origin=Origin.FILE, label=label, digest=digest))


def propose(queued: Queued, folder: Path) -> Proposal:
    """The queued file, as it was when it was queued."""
    submission = read_submission(kept_copy(folder, queued.digest))
    return Proposal(submission, Origin.FILE, queued.label)


def kept_copy(folder: Path, digest: str) -> Path:
    """Where a study of this folder keeps a file that was queued."""
    return folder / "outside" / f"{digest}.py"
