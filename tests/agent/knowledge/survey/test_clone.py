"""Repositories of others: nothing in them acts, leads out, or grows without a bound."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import git
import pytest

from agent.knowledge.survey import clone
from agent.knowledge.survey.clone import cloned, environment, is_url, public
from agent.knowledge.survey.foreign import fetched, files_below
from agent.study.errors import UserError
from helpers import Call

pytestmark = pytest.mark.processes

Repo = Callable[..., str]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Makes a repository of these files and answers its URL; a value that is a path is a link."""

    def make(files: dict[str, str | Path], *, name: str = "theirs") -> str:
        folder = tmp_path / name
        made = git.Repo.init(folder)
        for file, content in files.items():
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                path.symlink_to(content)
            else:
                path.write_text(content)
            made.git.add("-f", file)
        commit(made)
        return f"file://{folder}"

    return make


def commit(made: git.Repo) -> str:
    identity = git.Actor("Tester", "tester@example.org")
    return made.index.commit("one", author=identity, committer=identity).hexsha


def read(url: str) -> dict[str, str]:
    with cloned(url) as (folder, _):
        return {
            path.relative_to(folder).as_posix(): path.read_text()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


def test_only_files_that_are_read_are_taken(repo: Repo) -> None:
    taken = {"a/submission.py": "x = 1\n", "README.md": "Lion", "a/result-1.json": "{}"}
    url = repo({**taken, "weights.bin": "0" * 999, "a/other.json": "{}", "big.py": "#" * 2**21})
    with cloned(url) as (folder, sha):
        assert sha == git.Repo(url.removeprefix("file://")).head.commit.hexsha
    assert not folder.exists()
    assert read(url) == taken


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c 'touch ran'",
        "ext::touch% ran",
        "fd::3",
        "http://example.org/fork.git",
        "git://example.org/fork.git",
        "ftp://example.org/fork.git",
        "--upload-pack=touch ran",
        "-c",
        "ssh://-oProxyCommand=touch%20ran/x",
        "git@-oProxyCommand=touch:x",
        "-oProxyCommand=touch@host:x",
        "https://example.org/\x1b[2Jfork.git",
    ],
)
def test_other_transports_and_options_are_refused(call: Call, url: str) -> None:
    for words in (("survey", "--no-llm", "--", url), ("import", "--track", "mqar", "--", url)):
        status, out, error = call(*words)
        assert (status, out, error.count("\n")) == (2, "", 1)
        assert "not encrypted" in error
        assert "\x1b" not in error
    assert not Path("ran").exists()


def test_urls_that_are_allowed() -> None:
    for url in ("https://example.org/a.git", "ssh://git@example.org:22/a", "git@example.org:a/b",
                "file:///srv/a"):  # fmt: skip
        assert is_url(url)


def test_git_is_told_which_transport_it_may_use(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = repo({"a.py": "x = 1"})
    settings = tmp_path / "gitconfig"
    # the user's own rewriting of addresses may not lead to another transport either
    settings.write_text(f'[url "{url}"]\n\tinsteadOf = https://example.org/fork\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    with pytest.raises(UserError, match="transport 'file' not allowed"):
        read("https://example.org/fork")


def test_nobody_is_asked_and_no_stray_setting_is_passed_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stray = {"GIT_DIR": "/x", "GIT_ALLOW_PROTOCOL": "ext", "GIT_TEMPLATE_DIR": "/x",
             "GIT_CONFIG_COUNT": "1", "GIT_ASKPASS": "/bin/ask", "GIT_TRACE": "1"}  # fmt: skip
    own = {"GIT_SSH_COMMAND": "ssh -i key", "https_proxy": "http://proxy", "GIT_SSL_CAINFO": "/ca"}
    for name, value in (stray | own).items():
        monkeypatch.setenv(name, value)
    passed = environment("https://example.org/a")
    assert own.items() <= passed.items()
    assert not {"GIT_DIR", "GIT_TEMPLATE_DIR", "GIT_CONFIG_COUNT", "GIT_TRACE"} & set(passed)
    assert passed["GIT_ALLOW_PROTOCOL"] == "https:ssh"
    assert (passed["GIT_ASKPASS"], passed["GIT_TERMINAL_PROMPT"]) == ("", "0")


def test_neither_hooks_nor_filters_nor_submodules_act(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = tmp_path / "ran"
    inner = repo({"inner.py": "x = 1"}, name="inner")
    url = repo({
        "a.py": "x = 1",
        ".gitattributes": "*.py filter=evil\n*.md filter=lfs",
        "README.md": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
    })  # fmt: skip
    made = git.Repo(url.removeprefix("file://"))
    made.git.execute(["git", "-c", "protocol.file.allow=always", "submodule", "add", inner, "sub"])
    commit(made)
    script = f"#!/bin/sh\ntouch {ran}\n"
    templates = tmp_path / "templates" / "hooks"
    for folder in (Path(made.git_dir) / "hooks", templates):
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("post-checkout", "post-merge", "reference-transaction", "pre-receive"):
            (folder / name).write_text(script)
            (folder / name).chmod(0o755)
    settings = tmp_path / "gitconfig"
    settings.write_text(
        f'[filter "evil"]\n\tsmudge = touch {ran}\n\tprocess = touch {ran}\n'
        f'[filter "lfs"]\n\tsmudge = touch {ran}\n\trequired = true\n'
        f"[init]\n\ttemplateDir = {templates.parent}\n[core]\n\thooksPath = {templates}\n"
        "[submodule]\n\trecurse = true\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    assert sorted(read(url)) == ["README.md", "a.py"]
    assert not ran.exists()


def test_links_lead_nowhere(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("Submission = 1")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "other.py").write_text("Submission = 1")
    links = {"link.py": tmp_path / "secret.py", "folder": tmp_path / "outside"}
    url = repo({"a.py": "x = 1", **links, "loop": Path(".")})
    assert sorted(read(url)) == ["a.py"]
    folder = Path(url.removeprefix("file://"))
    assert files_below(folder, "*.py") == [folder / "a.py"], "nor in a folder that is given"


def test_names_that_lead_out_of_the_tree(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    made = git.Repo.init(folder)
    blob = made.git.hash_object("-w", "--stdin", istream=_piped(b"x = 1\n"))
    good = _tree(made, f"100644 blob {blob}\ta.py")
    out = _raw_tree(made, b"40000 ..", good)
    inner = _raw_tree(made, b"40000 .GIT", good)
    both = _tree(
        made, f"100644 blob {blob}\tb.py", f"040000 tree {out}\tx", f"040000 tree {inner}\ty"
    )
    environment = {f"GIT_{role}_{what}": "t@x" for role in ("AUTHOR", "COMMITTER")
                   for what in ("NAME", "EMAIL")}  # fmt: skip
    with made.git.custom_environment(**environment):
        made.git.update_ref("HEAD", made.git.commit_tree(both, "-m", "x"))
    assert sorted(read(f"file://{folder}")) == ["b.py"]


def _piped(content: bytes) -> int:
    here, there = os.pipe()
    os.write(there, content)
    os.close(there)
    return here


def _tree(made: git.Repo, *lines: str) -> str:
    done = subprocess.run(["git", "mktree"], cwd=made.working_dir, input="\n".join(lines) + "\n",
                          text=True, capture_output=True, check=True)  # fmt: skip
    return done.stdout.strip()


def _raw_tree(made: git.Repo, entry: bytes, identifier: str) -> str:
    words = ["git", "hash-object", "-t", "tree", "-w", "--stdin", "--literally"]
    content = entry + b"\0" + bytes.fromhex(identifier)
    done = subprocess.run(words, cwd=made.working_dir, input=content, capture_output=True,
                          check=True)  # fmt: skip
    return done.stdout.decode().strip()


def test_a_clone_that_grows_too_large_or_takes_too_long_is_stopped(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = repo({"a.py": "x = 1", "noise.bin": os.urandom(3 * 2**20).hex()})
    monkeypatch.setattr(clone, "MAX_CLONE", 2**20)
    with pytest.raises(UserError, match="larger than 1 MB; clone it yourself"):
        read(url)
    monkeypatch.undo()
    assert sorted(read(url)) == ["a.py"]
    monkeypatch.setattr(clone, "CLONE_S", 0.0)
    with pytest.raises(UserError, match="longer than 0 s"):
        read(url)


def test_too_many_files_are_refused(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    url = repo({f"{n}.py": f"x = {n}" for n in range(4)})
    monkeypatch.setattr(clone, "MAX_FILES", 3)
    with pytest.raises(UserError, match="more than 3 files"):
        read(url)
    monkeypatch.setattr("agent.knowledge.survey.foreign.MAX_FILES", 3)
    with pytest.raises(UserError, match="more than 3 files"):
        files_below(Path(url.removeprefix("file://")), "*.py")
    monkeypatch.undo()
    monkeypatch.setattr(clone, "MAX_TOTAL", 10)
    with pytest.raises(UserError, match="to read"):
        read(url)


def test_a_password_in_the_address_is_not_kept() -> None:
    assert public("https://me:hunter2@example.org/a") == "https://example.org/a"
    assert public("https://me:hun@ter@2@example.org/a@b") == "https://example.org/a@b"
    assert public("https://@example.org/a") == "https://example.org/a"


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    git.Repo.init(tmp_path / "empty")
    with pytest.raises(UserError, match="it has no commit"), fetched(f"file://{tmp_path}/empty"):
        pass
