"""Optimizers that are known already: recipes, submissions, and the trials of a study."""

from agent.ledger import StudyLedger
from agent.workspace import PACKAGED_SUBMISSIONS, Workspace
from search_space.recipes import RECIPES
from search_space.render import render
from tracks.submission import Submission, read_submission

FULL_RUN = 400


def known_submissions(
    workspace: Workspace, ledger: StudyLedger | None = None
) -> list[tuple[str, Submission]]:
    """Name and file of each; recipes as for a full run, which has 400 steps on every track."""
    known = [(f"recipe {name}", Submission(render(s, FULL_RUN))) for name, s in RECIPES.items()]
    folders = {path.parent for path in workspace.submissions.glob("*/submission.py")}
    folders |= {path.parent for path in PACKAGED_SUBMISSIONS.glob("*/submission.py")}
    names = {folder.name: folder for folder in sorted(folders, reverse=True)}
    known += [(f"submission {name}", read_submission(names[name])) for name in sorted(names)]
    for trial in ledger.finished() if ledger else []:
        label = trial.user_attrs["proposal"]["label"]
        path = ledger.trial_folder(trial.number) if ledger else None
        if path and (path / "submission.py").exists():
            known.append((f"trial {trial.number} ({label})", read_submission(path)))
    return known
