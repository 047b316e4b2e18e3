"""A winner becomes a commit on a branch of its own; the user's tree, index and branch stay put."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from agent.study.gitpython import git
from agent.study.workspace import Workspace

FALLBACK_IDENTITY = {"NAME": "autoresearch", "EMAIL": "autoresearch@localhost"}
SUBMISSION = "submission.py"
SIGNING_S = 60
"""A program that signs may wait for a passphrase that nobody types."""


@dataclass(frozen=True)
class Committed:
    """The branch and the commit, or None for both and a note that says why."""

    branch: str | None = None
    commit: str | None = None
    note: str = ""


class _UnreadableError(Exception):
    """The repository says where its history is, and cannot read it."""


@dataclass(frozen=True)
class Branch:
    """Where a study commits, and what it has committed there before."""

    name: str
    before: str | None = None


def commit_files(
    workspace: Workspace, branch: Branch, folder: str, files: dict[str, str], message: str
) -> Committed:
    """Commit `files` (name -> text) as `folder` (relative to the workspace) onto `branch`.

    The branch starts at HEAD, or continues after what the study has committed before; where another
    branch is in its way, or has its name, it gets another name, and the note says so. A submission
    that is on the branch is not committed again: a process that is killed right after the commit
    repeats it with another date. Works on plain objects through a temporary index, so a dirty tree,
    staged changes and a detached HEAD are left as they are.
    """
    try:
        repo = git.Repo(workspace.root, search_parent_directories=True)
    except (git.InvalidGitRepositoryError, git.NoSuchPathError):
        return Committed(note=f"{workspace.root} is not in a git repository: not committed")
    if repo.working_tree_dir is None:
        return Committed(note="the git repository has no working tree: not committed")
    root, folder_here = Path(repo.working_tree_dir).resolve(), workspace.root.resolve()
    if not folder_here.is_relative_to(root):
        note = f"{workspace.root} is a link out of the git repository {root}: not committed"
        return Committed(note=note)
    prefix = folder_here.relative_to(root)
    try:
        return _committed(
            repo, branch, {(prefix / folder / f): t for f, t in files.items()}, message
        )
    except git.GitCommandNotFound:
        return Committed(note="git is missing: not committed")
    except git.GitCommandError as error:
        return Committed(note=f"git refused the commit: {_reason(error)}")
    except _UnreadableError as error:
        return Committed(note=f"not committed: {error}")


def _committed(
    repo: git.Repo, branch: Branch, files: Mapping[Path, str], message: str
) -> Committed:
    """The commit of files by path, made through an index of its own."""
    code = {path: text for path, text in files.items() if path.name == SUBMISSION}
    for name in _free(repo, branch.name):
        own = _resolve(repo, f"refs/heads/{name}")
        if own and any(_has(repo, own, path, text) for path, text in code.items()):
            return Committed(name, own, "already committed")
        if not own or (branch.before and _contains(repo, own, branch.before)):
            break
    taken = f"the name {branch.name} is taken, so the branch is {name}"
    notes = [] if name == branch.name else [taken]
    reference = f"refs/heads/{name}"
    parent = own or _resolve(repo, "HEAD")
    with tempfile.TemporaryDirectory() as scratch:
        identity, note = _identity(repo)
        notes += [note] if note else []
        index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
        with repo.git.custom_environment(**index, **identity):
            if parent:
                repo.git.read_tree(parent)
            source = Path(scratch) / "content"
            for path, text in files.items():
                source.write_text(text, encoding="utf-8")
                blob = repo.git.hash_object("-w", "--no-filters", str(source))
                entry = f"100644,{blob},{path.as_posix()}"
                repo.git.update_index("--add", "--cacheinfo", entry)
            tree = repo.git.write_tree()
            if parent and tree == repo.git.rev_parse(f"{parent}^{{tree}}"):
                return Committed(name, parent, "already committed")
            parents = ["-p", parent] if parent else []
            commit, note = _commit_tree(repo, [tree, *parents, "-m", message])
            notes += [note] if note else []
            repo.git.update_ref(reference, commit, own or "0" * len(commit))
    return Committed(name, commit, "; ".join(notes))


def _has(repo: git.Repo, commit: str, path: Path, text: str) -> bool:
    """Whether a commit holds this text under the path."""
    held = repo.git.cat_file("blob", f"{commit}:{path.as_posix()}", with_exceptions=False,
                             strip_newline_in_stdout=False)  # fmt: skip
    return bool(held) and held == text


def _contains(repo: git.Repo, tip: str, commit: str) -> bool:
    """Whether `commit` is the tip of a branch or before it."""
    options = {"with_extended_output": True, "with_exceptions": False}
    status, _, _ = repo.git.merge_base("--is-ancestor", commit, tip, **options)
    return bool(status == 0)


def _free(repo: git.Repo, branch: str) -> Iterator[str]:
    """`branch`, then other names, as far as git can store them and no working tree is on them.

    Branches are files: autoresearch/study cannot be beside a branch autoresearch.
    """
    taken = repo.git.worktree("list", "--porcelain").splitlines()
    others = repo.git.for_each_ref("--format=%(refname:lstrip=2)", "refs/heads").splitlines()
    for name in _names(branch):
        in_the_way = (o for o in others if name.startswith(f"{o}/") or o.startswith(f"{name}/"))
        if f"branch refs/heads/{name}" not in taken and not any(in_the_way):
            yield name


def _names(branch: str) -> Iterator[str]:
    flat = branch.replace("/", "-")
    yield from (branch, *(f"{branch}-{number}" for number in (2, 3)), flat)
    yield from (f"{flat}-{number}" for number in count(2))


def _resolve(repo: git.Repo, reference: str) -> str | None:
    """The commit of `reference`; None where there is none yet. Raises _UnreadableError."""
    resolved = _parsed(repo, f"{reference}^{{commit}}")
    if not resolved and _is_set(repo, reference):
        raise _UnreadableError(
            f"git cannot read the commit of {reference}; `git fsck` says what is damaged"
        )
    return resolved or None


def _is_set(repo: git.Repo, reference: str) -> bool:
    """Whether `reference` names something, be it readable or not."""
    if _parsed(repo, reference):
        return True
    # HEAD of a new repository names a branch that has no file yet; git itself does not tell
    # that from a file that is damaged
    head = (Path(repo.git_dir) / "HEAD").read_text(encoding="utf-8")
    branch = head.removeprefix("ref:").strip()
    return reference == "HEAD" and (Path(repo.common_dir) / branch).exists()


def _parsed(repo: git.Repo, revision: str) -> str:
    """The object that `revision` names, empty for none."""
    return str(repo.git.rev_parse("--verify", "--quiet", revision, with_exceptions=False))


def _commit_tree(repo: git.Repo, arguments: list[str]) -> tuple[str, str]:
    """The commit, signed where git is configured to, and a note where that was not possible."""
    note = ""
    asked = repo.git.config("--type=bool", "--get", "commit.gpgsign", with_exceptions=False)
    if asked == "true":
        try:
            return repo.git.commit_tree(*arguments, "-S", kill_after_timeout=SIGNING_S), ""
        except git.GitCommandError as error:
            note = f"commit.gpgsign is set, but signing failed ({_reason(error)}): not signed"
    return repo.git.commit_tree(*arguments), note


def _reason(error: git.GitCommandError) -> str:
    lines = [line.strip(" \n'") for line in str(error.stderr or "").splitlines()]
    return " ".join(line for line in lines if line).removeprefix("stderr: '") or "no reason given"


def _identity(repo: git.Repo) -> tuple[dict[str, str], str]:
    """Environment that names an author where git knows none, and the line that says so."""
    asked = ("GIT_COMMITTER_IDENT", "GIT_AUTHOR_IDENT")
    if all(repo.git.var(name, with_exceptions=False) for name in asked):
        return {}, ""
    name = FALLBACK_IDENTITY["NAME"]
    environment = {
        f"GIT_{role}_{field}": value
        for role in ("AUTHOR", "COMMITTER")
        for field, value in FALLBACK_IDENTITY.items()
    }
    return environment, f"git has no user.name and user.email: committed as {name}"
