"""Publishing touches nothing of the user's: not the tree, the index, the branch, nor HEAD."""

import subprocess
import sys
from pathlib import Path

import git
import pytest

from agent.publish.git import Branch, commit_files
from agent.study.workspace import Workspace
from helpers import ROOT

FILES = {"submission.py": "x = 1\n", "README.md": "# é\n"}
BRANCH = "autoresearch/study"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> git.Repo:
    """A repository with one commit, an identity, and no outside configuration."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    made = git.Repo.init(tmp_path / "repo", initial_branch="main")
    with made.config_writer() as config:
        config.set_value("user", "name", "Tester")
        config.set_value("user", "email", "tester@example.org")
    (tmp_path / "repo" / "kept.txt").write_text("kept\n")
    made.index.add(["kept.txt"])
    made.index.commit("begin")
    return made


def publish(
    repo: git.Repo, subfolder: str = "", before: "str | None" = None
) -> "tuple[str | None, str]":
    root = Path(repo.working_dir) / subfolder
    done = commit_files(Workspace(root), Branch(BRANCH, before), "submissions/w", FILES, "Add w")
    return done.commit, done.note


def state(repo: git.Repo) -> tuple[str, str, str]:
    return repo.git.status("--porcelain"), repo.git.diff("--cached"), repo.head.commit.hexsha


@pytest.mark.processes
def test_a_dirty_tree_with_staged_changes_is_left_alone(repo: git.Repo) -> None:
    root = Path(repo.working_dir)
    (root / "kept.txt").write_text("changed\n")
    (root / "staged.txt").write_text("staged\n")
    repo.index.add(["staged.txt"])
    (root / "untracked.txt").write_text("untracked\n")
    before = state(repo)
    commit, note = publish(repo)
    assert note == ""
    assert state(repo) == before
    assert repo.active_branch.name == "main"
    tree = repo.commit(BRANCH).tree
    assert repo.commit(BRANCH).hexsha == commit
    assert sorted(tree.traverse(), key=str)
    assert tree["submissions/w/README.md"].data_stream.read().decode() == FILES["README.md"]
    assert tree["kept.txt"].data_stream.read() == b"kept\n"
    assert "staged.txt" not in [blob.name for blob in tree.blobs]
    assert repo.commit(BRANCH).parents == (repo.head.commit,)
    assert not (root / "submissions").exists()


@pytest.mark.processes
def test_a_detached_head_works(repo: git.Repo) -> None:
    repo.git.checkout("--detach")
    before = state(repo)
    commit, _ = publish(repo)
    assert commit
    assert repo.head.is_detached
    assert state(repo) == before


@pytest.mark.processes
def test_a_repository_without_commits_works(tmp_path: Path, repo: git.Repo) -> None:
    empty = git.Repo.init(tmp_path / "empty")
    with empty.config_writer() as config:
        config.set_value("user", "name", "Tester")
        config.set_value("user", "email", "tester@example.org")
    commit, _ = publish(empty)
    assert commit
    assert empty.commit(BRANCH).parents == ()


@pytest.mark.processes
def test_a_missing_identity_is_replaced_and_said(
    tmp_path: Path, repo: git.Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare_of_identity = git.Repo.init(tmp_path / "anonymous")
    with bare_of_identity.config_writer() as config:
        config.set_value("user", "useConfigOnly", "true")
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    commit, note = publish(bare_of_identity)
    assert commit
    assert "no user.name and user.email" in note
    assert bare_of_identity.commit(BRANCH).author.name == "autoresearch"


@pytest.mark.processes
def test_a_workspace_inside_a_repository_keeps_its_path(repo: git.Repo) -> None:
    (Path(repo.working_dir) / "deep" / "down").mkdir(parents=True)
    publish(repo, "deep/down")
    assert repo.commit(BRANCH).tree["deep/down/submissions/w/submission.py"]


@pytest.mark.processes
def test_a_workspace_that_is_a_link_out_of_the_repository_is_not_committed(
    tmp_path: Path, repo: git.Repo
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (Path(repo.working_dir) / "link").symlink_to(tmp_path / "elsewhere")
    commit, note = publish(repo, "link")
    assert commit is None
    assert f"link is a link out of the git repository {repo.working_dir}: not committed" in note


@pytest.mark.processes
def test_publishing_twice_adds_no_commit(repo: git.Repo) -> None:
    first, _ = publish(repo)
    second, note = publish(repo)
    assert (second, note) == (first, "already committed")


@pytest.mark.processes
def test_a_kill_after_the_commit_does_not_commit_again(
    repo: git.Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The verdict is written again then, with another date."""
    first, _ = publish(repo)
    monkeypatch.setitem(FILES, "README.md", "another date\n")
    assert publish(repo) == (first, "already committed")
    monkeypatch.setitem(FILES, "submission.py", "x = 2\n")
    second, note = publish(repo, before=first)
    assert (second != first, note) == (True, "")


@pytest.mark.processes
def test_a_later_winner_continues_the_branch(repo: git.Repo) -> None:
    first, _ = publish(repo)
    root = Workspace(Path(repo.working_dir))
    later = commit_files(root, Branch(BRANCH, first), "submissions/v", FILES, "Add v")
    assert later.commit != first
    assert repo.commit(BRANCH).parents[0].hexsha == first
    assert repo.commit(BRANCH).tree["submissions/w"]


@pytest.mark.processes
def test_the_branch_of_a_study_that_is_gone_is_not_continued(repo: git.Repo) -> None:
    """Another one of its name, after its ledger was removed: to adopt one must not adopt both."""
    first, _ = publish(repo)
    root = Workspace(Path(repo.working_dir))
    later = commit_files(root, Branch(BRANCH), "submissions/v", FILES, "Add v")
    # the same code in another folder is another winner
    assert later.branch == f"{BRANCH}-2"
    assert later.note == f"the name {BRANCH} is taken, so the branch is {BRANCH}-2"
    assert repo.commit(BRANCH).hexsha == first
    assert [folder.name for folder in repo.commit(later.commit or "").tree["submissions"]] == ["v"]


@pytest.mark.processes
def test_a_branch_that_is_checked_out_is_not_moved(repo: git.Repo) -> None:
    first, _ = publish(repo)
    repo.git.checkout(BRANCH)
    before = state(repo)
    root = Workspace(Path(repo.working_dir))
    later = commit_files(root, Branch(BRANCH, first), "submissions/v", FILES, "Add v")
    assert later.branch == f"{BRANCH}-2"
    assert repo.commit(f"{BRANCH}-2").parents[0].hexsha == first
    assert state(repo) == before


def test_no_repository_is_a_note(tmp_path: Path) -> None:
    done = commit_files(Workspace(tmp_path), Branch(BRANCH), "submissions/w", FILES, "Add w")
    assert done.commit is None
    assert "not in a git repository" in done.note


@pytest.mark.processes
@pytest.mark.parametrize(
    ("other", "name"), [("autoresearch", "autoresearch-study"), (f"{BRANCH}/more", f"{BRANCH}-2")]
)
def test_a_branch_in_the_way_gives_another_name(repo: git.Repo, other: str, name: str) -> None:
    repo.create_head(other)
    before = state(repo)
    commit, note = publish(repo)
    assert note == f"the name {BRANCH} is taken, so the branch is {name}"
    assert repo.commit(name).hexsha == commit
    assert state(repo) == before
    root = Workspace(Path(repo.working_dir))
    later = commit_files(root, Branch(BRANCH, commit), "submissions/v", FILES, "Add v")
    assert later.branch == name
    assert repo.commit(name).parents[0].hexsha == commit


def signer(repo: git.Repo, script: str) -> None:
    program = Path(repo.working_dir).parent / "signer"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    with repo.config_writer() as config:
        config.set_value("commit", "gpgsign", "true")
        config.set_value("gpg", "program", str(program))


@pytest.mark.processes
def test_a_commit_is_signed_where_git_is_told_to(repo: git.Repo) -> None:
    status = "echo '[GNUPG:] SIG_CREATED D 1 8 00 0 ABC' >&2"
    signer(repo, f"cat >/dev/null; echo SIGNATURE; {status}")
    commit, note = publish(repo)
    assert note == ""
    assert repo.commit(commit).gpgsig == "SIGNATURE"


@pytest.mark.processes
def test_a_commit_that_cannot_be_signed_says_so(repo: git.Repo) -> None:
    signer(repo, "echo 'no secret key' >&2; exit 2")
    commit, note = publish(repo)
    assert not repo.commit(commit).gpgsig
    assert note.startswith("commit.gpgsign is set, but signing failed (")
    assert "sign" in note.split("(")[1]
    assert note.endswith("): not signed")


@pytest.mark.processes
def test_history_that_cannot_be_read_is_not_built_upon(repo: git.Repo) -> None:
    sha = repo.head.commit.hexsha
    (Path(repo.git_dir) / "objects" / sha[:2] / sha[2:]).unlink()
    commit, note = publish(repo)
    assert commit is None
    assert "not committed: git cannot read the commit of HEAD; `git fsck`" in note
    assert [path.name for path in (Path(repo.git_dir) / "refs" / "heads").iterdir()] == ["main"]


@pytest.mark.processes
def test_an_empty_file_for_the_branch_is_not_a_new_repository(repo: git.Repo) -> None:
    (Path(repo.git_dir) / "refs" / "heads" / "main").write_text("")
    assert publish(repo)[0] is None


WITHOUT_GIT = """
from pathlib import Path
import agent.knowledge.survey.foreign
from agent.publish.git import Branch, commit_files
from agent.study.errors import UserError
from agent.study.workspace import Workspace

print(commit_files(Workspace(Path.cwd()), Branch("b/c"), "submissions/w", {"a": "b"}, "Add w").note)
try:
    with agent.knowledge.survey.foreign.fetched("https://example.org/fork.git"):
        pass
except UserError as error:
    print(error)
"""


@pytest.mark.processes
@pytest.mark.parametrize("in_repository", [True, False])
def test_no_git_program_is_a_note(repo: git.Repo, tmp_path: Path, in_repository: bool) -> None:
    folder = Path(repo.working_dir) if in_repository else tmp_path
    environment = {"PATH": "/nowhere", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_GIT],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    published, imported = done.stdout.splitlines()
    reason = "git is missing" if in_repository else f"{folder} is not in a git repository"
    assert published == f"{reason}: not committed"
    assert imported.endswith("git is missing; install git, or give a folder")
