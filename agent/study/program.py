"""A program of the user's: run without a shell, with the variables that it was granted."""

import os
import selectors
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ALWAYS = ("PATH", "HOME")
"""Variables that every program gets: many keep their login below HOME."""
TEXT = {"LC_CTYPE": "C.UTF-8"}
"""What it reads and writes is UTF-8."""
GUARD = Path(__file__).with_name("guarded.py")
KEPT = 2000
"""Bytes of the end of standard error."""
POLL_S = 0.05
PIECE = 2**16

Process = subprocess.Popen[bytes]


class ProgramError(Exception):
    """A program cannot be run, or did not end as it must; one line says why."""


def words_of(line: str, option: str) -> list[str]:
    """The words of a command line, the program with its path. Raises ProgramError."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise ProgramError(f"{option}: {error}") from error
    program = shutil.which(words[0]) if words else None
    if program is None:
        what = f"there is no program {words[0]!r}" if words else "it names no program"
        raise ProgramError(f"{option}: {what}; expected a program with its arguments")
    return [str(Path(program).absolute()), *words[1:]]


def environment_of(granted: Sequence[str], option: str) -> dict[str, str]:
    """The variables that a program gets. Raises ProgramError for one that is not set."""
    absent = [name for name in granted if name not in os.environ]
    if absent:
        raise ProgramError(
            f"{option} {absent[0]}: there is no such variable; set it, or leave it out"
        )
    return TEXT | {name: os.environ[name] for name in (*ALWAYS, *granted) if name in os.environ}


@dataclass(frozen=True)
class Ended:
    """How a program ended: its exit status, its output, and the end of its standard error."""

    status: int
    output: bytes
    errors: bytes

    @property
    def last_line(self) -> str:
        """What it said last, on standard error where it said something there."""
        lines = (self.errors or self.output).decode("utf-8", "replace").splitlines()
        return next((line for line in reversed(lines) if line.strip()), "")


@dataclass(frozen=True)
class Program:
    """A program with its arguments and its environment, to be run any number of times.

    It leads a process group, which is killed when it has ended, when it takes too long, and when
    this process ends, however that ends.
    """

    words: Sequence[str]
    environment: Mapping[str, str]
    longest_s: float
    most_bytes: int
    """Of its output."""

    def run(self, text: bytes, folder: Path) -> Ended:
        """With `text` on its standard input, in this folder. Raises ProgramError."""
        with self._started(text, folder) as process:
            return self._read(process)

    @contextmanager
    def _started(self, text: bytes, folder: Path) -> Iterator[Process]:
        """The program at work; killed at the end."""
        with tempfile.TemporaryFile() as stdin:
            stdin.write(text)
            stdin.seek(0)
            theirs, ours = os.pipe()
            command = [sys.executable, "-I", "-S", str(GUARD), str(theirs), *self.words]
            try:
                process = subprocess.Popen(
                    command, env=self.environment, cwd=folder, pass_fds=[theirs],
                    stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                    start_new_session=True,
                )  # fmt: skip
                with process:
                    try:
                        yield process
                    finally:
                        end_group(process)
            finally:
                os.close(theirs)
                os.close(ours)

    def _read(self, process: Process) -> Ended:
        until, output, errors = time.monotonic() + self.longest_s, bytearray(), b""
        with selectors.DefaultSelector() as pipes:
            for pipe in (process.stdout, process.stderr):
                pipes.register(pipe, selectors.EVENT_READ)  # type: ignore[arg-type]
            while True:
                ended = _ended(process)
                ready = pipes.select(0 if ended else POLL_S)
                if ended and not ready:
                    return Ended(_status(ended), bytes(output), errors)
                if time.monotonic() > until:
                    raise ProgramError(f"took longer than {self.longest_s:g} s")
                for key, _ in ready:
                    piece = os.read(key.fd, PIECE)
                    if not piece:
                        pipes.unregister(key.fileobj)
                    elif key.fileobj is process.stdout:
                        output += piece
                    else:
                        errors = (errors + piece)[-KEPT:]
                if len(output) > self.most_bytes:
                    raise ProgramError(f"wrote more than {self.most_bytes // 2**20} MB")


def _ended(process: Process) -> "os.waitid_result | None":
    """It stays unreaped, so that its number still names its group."""
    how = os.WEXITED | os.WNOHANG | os.WNOWAIT
    return os.waitid(os.P_PID, process.pid, how)


def _status(ended: "os.waitid_result") -> int:
    """As a shell has it: 128 and the signal that killed it."""
    return ended.si_status if ended.si_code == os.CLD_EXITED else 128 + ended.si_status


def end_group(process: Process) -> None:
    """Kill the leader of a process group with what it started, and wait for it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
