"""Known optimizers: recipes, submissions, and the trials of a study."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from agent.knowledge.leaderboard import BASELINE
from agent.study.study import Study
from agent.study.workspace import PACKAGED_SUBMISSIONS, Workspace
from search_space.recipes import RECIPES
from search_space.render import render
from tracks.probe import STEPS
from tracks.submission import InvalidSubmissionError, Submission, read_submission


def known_submissions(
    workspace: Workspace, trials: Mapping[str, Path] = {}
) -> list[tuple[str, Submission]]:
    """Name and file of each; recipes as for runs of the probes' length, that of a full run.

    `trials` are folders with a file, by the name that each is to be known by.
    """
    known = [(f"recipe {name}", Submission(render(s, STEPS))) for name, s in RECIPES.items()]
    ours = workspace.submissions.glob("*/submission.py")
    names = {BASELINE: PACKAGED_SUBMISSIONS / BASELINE} | {p.parent.name: p.parent for p in ours}
    paths = {f"submission {name}": names[name] for name in sorted(names)}
    return known + read_known({**paths, **trials})


def read_known(paths: Mapping[str, Path]) -> list[tuple[str, Submission]]:
    """Those of the named folders that hold a submission."""
    known = []
    for name, path in paths.items():
        # somebody's half-written file is no known optimizer
        with suppress(InvalidSubmissionError):
            known.append((name, read_submission(path)))
    return known


def same_file(candidate: Submission, known: Sequence[tuple[str, Submission]]) -> str | None:
    """The first of the known ones that is the candidate, byte for byte; None without one."""
    digest = candidate.digest
    return next((name for name, other in known if other.digest == digest), None)


def trial_folders(study: Study, *, every: bool = True) -> dict[str, Path]:
    """Folders of finished trials by the names that people know them by.

    Without `every` those alone that a new proposal is compared with: complete ones, and code.
    """
    return {
        trial.name: study.trial_folder(trial.number)
        for trial in study.finished()
        if every or trial.complete or not trial.proposal.spec
    }
