"""Optimizers that are known already: recipes, submissions, and the trials of a study."""

from contextlib import suppress
from pathlib import Path

from agent.ledger import StudyLedger
from agent.workspace import PACKAGED_SUBMISSIONS, Workspace
from search_space.recipes import RECIPES
from search_space.render import render
from tracks.probe import STEPS
from tracks.submission import InvalidSubmissionError, Submission, read_submission


def known_submissions(
    workspace: Workspace, ledger: StudyLedger | None = None
) -> list[tuple[str, Submission]]:
    """Name and file of each; recipes as for runs of the probes' length, that of a full run."""
    known = [(f"recipe {name}", Submission(render(s, STEPS))) for name, s in RECIPES.items()]
    folders = {path.parent for path in workspace.submissions.glob("*/submission.py")}
    folders |= {path.parent for path in PACKAGED_SUBMISSIONS.glob("*/submission.py")}
    names = {folder.name: folder for folder in sorted(folders, reverse=True)}
    paths = {f"submission {name}": names[name] for name in sorted(names)}
    for trial in ledger.finished() if ledger else []:
        name = f"trial {trial.number} ({trial.user_attrs['proposal']['label']})"
        paths[name] = ledger.trial_folder(trial.number) if ledger else Path()
    for name, path in paths.items():
        # somebody's half-written file is no known optimizer
        with suppress(InvalidSubmissionError):
            known.append((name, read_submission(path)))
    return known
