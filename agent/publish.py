"""A winner becomes a commit on a branch of its own; the user's tree, index and branch stay put."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import git

from agent.workspace import Workspace

FALLBACK_IDENTITY = ("autoresearch", "autoresearch@localhost")


@dataclass(frozen=True)
class Publication:
    """Where a winner went: always a folder; a branch and a commit where there is a repository."""

    folder: str
    branch: str | None = None
    commit: str | None = None
    note: str = ""


def commit_files(
    workspace: Workspace, branch: str, folder: str, files: dict[str, str], message: str
) -> Publication:
    """Commit `files` (name -> text) as `folder` (relative to the workspace) onto `branch`.

    The branch starts at HEAD, or continues where it stands. Works on plain objects through a
    temporary index, so a dirty tree, staged changes and a detached HEAD are left as they are.
    """
    try:
        repo = git.Repo(workspace.root, search_parent_directories=True)
    except (git.InvalidGitRepositoryError, git.NoSuchPathError):
        return Publication(
            folder, note=f"{workspace.root} is not in a git repository: not committed"
        )
    if repo.working_tree_dir is None:
        return Publication(folder, note="the git repository has no working tree: not committed")
    root = Path(repo.working_tree_dir).resolve()
    prefix = workspace.root.resolve().relative_to(root)
    note = ""
    try:
        branch = _not_checked_out(repo, branch)
        reference = f"refs/heads/{branch}"
        parent = _resolve(repo, reference) or _resolve(repo, "HEAD")
        with tempfile.TemporaryDirectory() as scratch:
            identity, note = _identity(repo)
            index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
            with repo.git.custom_environment(**index, **identity):
                if parent:
                    repo.git.read_tree(parent)
                for name, text in files.items():
                    source = Path(scratch) / "content"
                    source.write_text(text, encoding="utf-8")
                    blob = repo.git.hash_object("-w", "--no-filters", str(source))
                    path = (prefix / folder / name).as_posix()
                    repo.git.update_index("--add", "--cacheinfo", f"100644,{blob},{path}")
                tree = repo.git.write_tree()
                if parent and tree == repo.git.rev_parse(f"{parent}^{{tree}}"):
                    return Publication(folder, branch, parent, "already committed")
                parents = ["-p", parent] if parent else []
                commit = repo.git.commit_tree(tree, *parents, "-m", message)
                repo.git.update_ref(
                    reference, commit, _resolve(repo, reference) or "0" * len(commit)
                )
    except git.GitCommandError as error:
        reason = str(error.stderr).strip().replace("\n", " ")
        return Publication(folder, note=f"git refused the commit: {reason}")
    return Publication(folder, branch, commit, note)


def _not_checked_out(repo: git.Repo, branch: str) -> str:
    """`branch`, or else the first of branch-2, branch-3, ... that no working tree is on."""
    taken = repo.git.worktree("list", "--porcelain").splitlines()
    name, number = branch, 1
    while f"branch refs/heads/{name}" in taken:
        number += 1
        name = f"{branch}-{number}"
    return name


def _resolve(repo: git.Repo, reference: str) -> str | None:
    try:
        resolved: str = repo.git.rev_parse("--verify", "--quiet", f"{reference}^{{commit}}")
    except git.GitCommandError:
        return None
    return resolved


def _identity(repo: git.Repo) -> tuple[dict[str, str], str]:
    """Environment that names an author where git knows none, and the line that says so."""
    try:
        repo.git.var("GIT_COMMITTER_IDENT")
        repo.git.var("GIT_AUTHOR_IDENT")
    except git.GitCommandError:
        name, mail = FALLBACK_IDENTITY
        environment = {f"GIT_{role}_NAME": name for role in ("AUTHOR", "COMMITTER")}
        environment |= {f"GIT_{role}_EMAIL": mail for role in ("AUTHOR", "COMMITTER")}
        return environment, f"git has no user.name and user.email: committed as {name}"
    return {}, ""


def tool_version() -> dict[str, str | bool | None]:
    """The commit of this source and whether it was changed since; None outside of git."""
    source = Path(__file__).resolve().parent.parent
    try:
        repo = git.Repo(source)
        return {"commit": repo.head.commit.hexsha, "dirty": repo.is_dirty()}
    except (git.InvalidGitRepositoryError, git.NoSuchPathError, ValueError):
        return {"commit": None, "dirty": None}
