"""A git repository of others as plain files, without a checkout.

git fetches one commit into a bare repository, and the files that a verb reads are written from its
objects. So nothing of a repository acts here: no hook, filter (LFS neither), submodule or symbolic
link. Only encrypted transports and local files are allowed; git asks for no password.
"""

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from agent.study.errors import UserError
from agent.study.program import end_group
from agent.study.temporary_folder import temporary_folder
from tracks.printable import printable
from tracks.submission import MAX_BYTES

URL = re.compile(
    r"(?P<scheme>https|ssh|file)://(?!-)[^\s]+|(?!-)[\w.-]+@(?=\w)[\w.-]+:(?!-)[^\s]+", re.ASCII
)
USER = re.compile(r"//[^/\s]*@")
"""A name and a password, to the last @ before the path."""
READ = ("*.py", "README.md", "result*.json")
"""Names of the files that are taken from a repository."""
MAX_FILES = 10_000
MAX_TOTAL = 64 * 2**20
"""Bytes of all files that are taken; each is at most as long as a submission."""
MAX_CLONE = 512 * 2**20
CLONE_S = 300.0
POLL_S = 0.05
GIVE_A_FOLDER = "clone it yourself and give a folder"
PLAIN_FILES = {"100644", "100755"}
KEPT = re.compile(r"GIT_(?!SSH|SSL_|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)$)")
"""git's variables that are not passed on; the user's network settings are."""
SAFE = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "credential.interactive": "false",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "gc.auto": "0",
}


@contextmanager
def cloned(url: str) -> Iterator[tuple[Path, str]]:
    """The files of the newest commit, and the commit; both last as long as the context.

    Raises UserError.
    """
    if not is_url(url):
        raise UserError(
            f"{printable(url)}: expected a folder, or the URL of a repository: https://, ssh://, "
            "git@host:path or file:// (http:// and git:// are not encrypted)"
        )
    with temporary_folder("clone") as folder:
        store, files = folder / "git", folder / "files"
        files.mkdir()
        run = _Git(url, folder, time.monotonic() + CLONE_S)
        # one that is interrupted leaves a folder behind, unless git makes it inside of ours
        run("clone", "--bare", "--depth=1", "--single-branch", "--no-tags", "--template=",
            "--no-recurse-submodules", "--", url, str(store))  # fmt: skip
        inside = f"--git-dir={store}"
        try:
            commit = run(inside, "rev-parse", "--verify", "HEAD^{commit}").decode().strip()
        except UserError as error:
            raise UserError(f"cannot clone {public(url)}: it has no commit") from error
        found = _listed(run(inside, "ls-tree", "-r", "-l", "-z", "--full-tree", commit), url)
        wanted = "".join(f"{entry.object}\n" for entry in found).encode()
        _write(found, run(inside, "cat-file", "--batch", given=wanted), files)
        yield files, commit


def is_url(source: str) -> bool:
    """Whether `source` names a repository by a transport that is allowed."""
    return bool(source.isprintable() and URL.fullmatch(source))


def public(url: str) -> str:
    """`url` without the name and the password in it, fit to be printed and kept."""
    return printable(USER.sub("//", url))


@dataclass(frozen=True)
class _Entry:
    object: str
    size: int
    path: PurePosixPath


@dataclass(frozen=True)
class _Git:
    """Runs git until `deadline`, with its output in `folder` bounded."""

    url: str
    folder: Path
    deadline: float

    def __call__(self, *words: str, given: bytes = b"") -> bytes:
        """The output of git. Raises UserError with its reason."""
        settings = [part for name, value in SAFE.items() for part in ("-c", f"{name}={value}")]
        with (
            tempfile.TemporaryFile(dir=self.folder) as stdin,
            tempfile.TemporaryFile(dir=self.folder) as stdout,
            tempfile.TemporaryFile(dir=self.folder) as stderr,
        ):
            stdin.write(given)
            stdin.seek(0)
            try:
                # without a terminal ssh cannot ask for a password either
                process = subprocess.Popen(
                    ["git", *settings, *words], env=environment(self.url), cwd=self.folder,
                    stdin=stdin, stdout=stdout, stderr=stderr, start_new_session=True,
                )  # fmt: skip
            except FileNotFoundError as error:
                raise self._refused("git is missing; install git, or give a folder") from error
            try:
                self._watch(process, stdout.fileno())
            finally:
                end_group(process)
            for file in (stdout, stderr):
                file.seek(0)
            if process.returncode:
                raise self._refused(_reason(stderr.read().decode("utf-8", "replace")))
            return stdout.read()

    def _watch(self, process: "subprocess.Popen[bytes]", output: int) -> None:
        running = True
        while running:
            running = process.poll() is None
            if _bytes_below(self.folder) + os.fstat(output).st_size > MAX_CLONE:
                raise self._refused(f"it is larger than {MAX_CLONE // 2**20} MB; {GIVE_A_FOLDER}")
            if time.monotonic() > self.deadline:
                raise self._refused(f"it takes longer than {CLONE_S:g} s; {GIVE_A_FOLDER}")
            if running:
                time.sleep(POLL_S)

    def _refused(self, reason: str) -> UserError:
        return UserError(f"cannot clone {public(self.url)}: {reason}")


def environment(url: str) -> Mapping[str, str]:
    """git's variables: the user's proxy, certificates and keys, and no other settings."""
    kept = {name: value for name, value in os.environ.items() if not KEPT.match(name)}
    return kept | {
        "GIT_ALLOW_PROTOCOL": "file" if url.startswith("file://") else "https:ssh",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS_REQUIRE": "never",
        "GIT_NO_LAZY_FETCH": "1",
        "LC_ALL": "C.UTF-8",
    }


def _listed(tree: bytes, url: str) -> list[_Entry]:
    """Entries of `git ls-tree -l -z` that are read: plain files of the right name and size."""
    found, total = [], 0
    for line in tree.split(b"\0")[:-1]:
        about, _, name = line.partition(b"\t")
        mode, _, identifier, size = about.decode().split()
        path = PurePosixPath(os.fsdecode(name))
        if mode not in PLAIN_FILES or int(size) > MAX_BYTES or not _inside(path):
            continue
        if not any(fnmatchcase(path.name, pattern) for pattern in READ):
            continue
        total += int(size)
        found.append(_Entry(identifier, int(size), path))
        if len(found) > MAX_FILES or total > MAX_TOTAL:
            raise UserError(
                f"{public(url)}: more than {MAX_FILES} files, or {MAX_TOTAL // 2**20} MB of them, "
                "to read; clone it yourself and give one of its folders"
            )
    return found


def _inside(path: PurePosixPath) -> bool:
    """git refuses such names in a working tree, but a tree object may hold them."""
    return not path.is_absolute() and not {"", "..", ".git"} & {p.lower() for p in path.parts}


def _write(found: list[_Entry], answer: bytes, folder: Path) -> None:
    """Write what `git cat-file --batch` answered, as new files only."""
    at = 0
    for entry in found:
        start = answer.index(b"\n", at) + 1
        at = start + entry.size + 1
        path = folder / entry.path
        # two names may be one file, where the system does not distinguish them
        with suppress(FileExistsError, NotADirectoryError):
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "xb") as file:
                file.write(answer[start : at - 1])


def _bytes_below(folder: Path) -> int:
    total = 0
    for at, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += os.lstat(os.path.join(at, name)).st_size
    return total


def _reason(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return public(lines[-1]) if lines else "git gives no reason"
