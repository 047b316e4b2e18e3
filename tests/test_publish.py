"""Publishing touches nothing of the user's: not the tree, the index, the branch, nor HEAD."""

from pathlib import Path

import git
import pytest

from agent.publish import commit_files
from agent.workspace import Workspace

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


def publish(repo: git.Repo, subfolder: str = "") -> "tuple[str | None, str]":
    root = Path(repo.working_dir) / subfolder
    done = commit_files(Workspace(root), BRANCH, "submissions/w", FILES, "Add w")
    return done.commit, done.note


def state(repo: git.Repo) -> tuple[str, str, str]:
    return repo.git.status("--porcelain"), repo.git.diff("--cached"), repo.head.commit.hexsha


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


def test_a_detached_head_works(repo: git.Repo) -> None:
    repo.git.checkout("--detach")
    before = state(repo)
    commit, _ = publish(repo)
    assert commit
    assert repo.head.is_detached
    assert state(repo) == before


def test_a_repository_without_commits_works(tmp_path: Path, repo: git.Repo) -> None:
    empty = git.Repo.init(tmp_path / "empty")
    with empty.config_writer() as config:
        config.set_value("user", "name", "Tester")
        config.set_value("user", "email", "tester@example.org")
    commit, _ = publish(empty)
    assert commit
    assert empty.commit(BRANCH).parents == ()


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


def test_a_workspace_inside_a_repository_keeps_its_path(repo: git.Repo) -> None:
    (Path(repo.working_dir) / "deep" / "down").mkdir(parents=True)
    publish(repo, "deep/down")
    assert repo.commit(BRANCH).tree["deep/down/submissions/w/submission.py"]


def test_publishing_twice_adds_no_commit(repo: git.Repo) -> None:
    first, _ = publish(repo)
    second, note = publish(repo)
    assert (second, note) == (first, "already committed")


def test_a_later_winner_continues_the_branch(repo: git.Repo) -> None:
    first, _ = publish(repo)
    root = Workspace(Path(repo.working_dir))
    later = commit_files(root, BRANCH, "submissions/v", FILES, "Add v")
    assert later.commit != first
    assert repo.commit(BRANCH).parents[0].hexsha == first
    assert repo.commit(BRANCH).tree["submissions/w"]


def test_a_branch_that_is_checked_out_is_not_moved(repo: git.Repo) -> None:
    first, _ = publish(repo)
    repo.git.checkout(BRANCH)
    before = state(repo)
    root = Workspace(Path(repo.working_dir))
    later = commit_files(root, BRANCH, "submissions/v", FILES, "Add v")
    assert later.branch == f"{BRANCH}-2"
    assert repo.commit(f"{BRANCH}-2").parents[0].hexsha == first
    assert state(repo) == before


def test_no_repository_is_a_note(tmp_path: Path) -> None:
    done = commit_files(Workspace(tmp_path), BRANCH, "submissions/w", FILES, "Add w")
    assert done.commit is None
    assert "not in a git repository" in done.note


def test_a_branch_in_the_way_is_a_note(repo: git.Repo) -> None:
    repo.create_head("autoresearch")
    commit, note = publish(repo)
    assert commit is None
    assert note.startswith("git refused the commit")
