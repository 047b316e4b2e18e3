"""An agent on the command line: the question on its standard input, the answer on its output."""

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
from pathlib import Path
from typing import Any

from agent.proposers.llm.connection import SECRET_NAME, one_line
from agent.proposers.llm.prices import FREE, Price
from agent.proposers.llm.redaction import Redaction
from agent.proposers.llm.service import (
    LONGEST_MESSAGE,
    LONGEST_S,
    Reply,
    Service,
    ServiceError,
    Turns,
)
from agent.proposers.llm.structured import with_schema

ALWAYS = ("PATH", "HOME")
"""Variables that every command gets: agents keep their login below HOME."""
TEXT = {"LC_CTYPE": "C.UTF-8"}
"""Question and answer are UTF-8."""
GUARD = Path(__file__).with_name("guarded.py")
CANNOT_RUN = (126, 127)
"""Exit statuses of shells and env for a program that cannot be run, or is not there."""
KEPT = 2000
"""Bytes of the end of standard error."""
POLL_S = 0.05
PIECE = 2**16

Process = subprocess.Popen[bytes]


class Command(Service):
    """A program that is run without a shell, once for each question, in an empty folder.

    It leads a process group, which is killed when the answer is there, when it takes too long, and
    when this process ends, however that ends.
    """

    def __init__(
        self, line: str, granted: Sequence[str] = (), longest_s: float = LONGEST_S
    ) -> None:
        """A command line, and the environment variables that it gets.

        Raises ServiceError where there is no such program or variable.
        """
        self.model, self._longest_s = f"command:{line}", longest_s
        self._words = _words(line)
        self._environment = _environment(granted)
        self._redaction = Redaction()
        for name, value in self._environment.items():
            if SECRET_NAME.search(name):
                self.hide(value)

    def price(self) -> Price:
        return FREE

    def hide(self, secret: str) -> None:
        self._redaction.hide(secret)

    def ask(
        self, system: str, turns: Turns, schema: Mapping[str, object], max_tokens: int
    ) -> Reply:
        """Secrets are cut from `system` and `turns`; its length is bounded in bytes alone."""
        told = [self._redaction.cut(system)]
        for turn in turns:
            said = self._redaction.cut(turn["content"])
            told.append(said if turn["role"] == "user" else f"Your answer was:\n\n{said}")
        question = with_schema("\n\n".join(told), schema).encode("utf-8", "replace")
        with self._started(question) as process:
            output, errors = self._read(process)
        if process.returncode:
            raise self._failed(process.returncode, errors or output)
        return Reply(output.decode("utf-8", "replace"), "end_turn", None)

    @contextmanager
    def _started(self, question: bytes) -> Iterator[Process]:
        """The command with its question, in an empty folder; killed at the end."""
        with (
            tempfile.TemporaryFile() as stdin,
            tempfile.TemporaryDirectory("-model", "autoresearch-", None, True) as folder,
        ):
            stdin.write(question)
            stdin.seek(0)
            theirs, ours = os.pipe()
            command = [sys.executable, "-I", "-S", str(GUARD), str(theirs), *self._words]
            try:
                process = subprocess.Popen(
                    command, env=self._environment, cwd=folder, pass_fds=[theirs],
                    stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                    start_new_session=True,
                )  # fmt: skip
                with process:
                    try:
                        yield process
                    finally:
                        _kill(process)
            finally:
                os.close(theirs)
                os.close(ours)

    def _read(self, process: Process) -> tuple[bytes, bytes]:
        """Standard output, and the end of standard error. Raises ServiceError."""
        until, output, errors = time.monotonic() + self._longest_s, bytearray(), b""
        with selectors.DefaultSelector() as pipes:
            for pipe in (process.stdout, process.stderr):
                pipes.register(pipe, selectors.EVENT_READ)  # type: ignore[arg-type]
            while True:
                ended = _has_ended(process)
                ready = pipes.select(0 if ended else POLL_S)
                if ended and not ready:
                    return bytes(output), errors
                if time.monotonic() > until:
                    long = f"the command took longer than {self._longest_s:g} s"
                    raise self._error(long, maybe_billed=True)
                for key, _ in ready:
                    piece = os.read(key.fd, PIECE)
                    if not piece:
                        pipes.unregister(key.fileobj)
                    elif key.fileobj is process.stdout:
                        output += piece
                    else:
                        errors = (errors + piece)[-KEPT:]
                if len(output) > LONGEST_MESSAGE:
                    wrote = f"the command wrote more than {LONGEST_MESSAGE // 2**20} MB"
                    raise self._error(wrote, maybe_billed=True)

    def _failed(self, status: int, said: bytes) -> ServiceError:
        lines = [line for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
        line = f"the command failed (exit status {status}): {one_line(''.join(lines[-1:])) or '-'}"
        relative = next((word for word in self._words[1:] if _is_relative(word)), None)
        if relative:
            line += (
                f"; it runs in an empty folder: write {Path(relative).resolve()}, not {relative}"
            )
        return self._error(line, lasting=bool(relative) or status in CANNOT_RUN, maybe_billed=True)

    def _error(self, line: str, **kind: Any) -> ServiceError:
        """`kind` as ServiceError takes it."""
        return ServiceError(self._redaction.cut(f"{line}; asked {one_line(self.model)}"), **kind)


def _words(line: str) -> list[str]:
    """The words of a command line, the program with its path. Raises ServiceError."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise ServiceError(f"--model command:{line}: {error}", lasting=True) from error
    program = shutil.which(words[0]) if words else None
    if program is None:
        what = f"there is no program {words[0]!r}" if words else "it names no program"
        raise ServiceError(
            f"--model command:{line}: {what}; expected a command line such as command:'claude -p'",
            lasting=True,
        )
    return [str(Path(program).absolute()), *words[1:]]


def _environment(granted: Sequence[str]) -> dict[str, str]:
    absent = [name for name in granted if name not in os.environ]
    if absent:
        raise ServiceError(
            f"--model-env {absent[0]}: there is no such variable; set it, or leave it out",
            lasting=True,
        )
    given = {name: os.environ[name] for name in (*ALWAYS, *granted) if name in os.environ}
    return TEXT | given


def _is_relative(word: str) -> bool:
    """Whether a word is a file here, and not where the command runs."""
    return not os.path.isabs(word) and os.path.isfile(word)


def _has_ended(process: Process) -> bool:
    """It stays unreaped, so that its number still names its group."""
    how = os.WEXITED | os.WNOHANG | os.WNOWAIT
    return os.waitid(os.P_PID, process.pid, how) is not None


def _kill(process: Process) -> None:
    """End the command with the programs that it started, and wait for it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
