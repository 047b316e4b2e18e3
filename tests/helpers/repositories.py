"""Git repositories that tests publish to."""

from pathlib import Path

import git


def new_repository(folder: Path, *ignored: str) -> git.Repo:
    """A repository with an author and one commit of everything in the folder that is not ignored.

    Its branch is `main`; what `autoresearch` writes while it runs is ignored.
    """
    repo = git.Repo.init(folder, initial_branch="main")
    with repo.config_writer() as config:
        config.set_value("user", "name", "Tester")
        config.set_value("user", "email", "tester@example.org")
    (folder / ".gitignore").write_text("\n".join(["runs/", *ignored, ""]))
    repo.git.add(all=True)
    repo.index.commit("begin")
    return repo
