"""An agent on the command line: the question on its standard input, the answer on its output."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.proposers.llm.connection import one_line
from agent.proposers.llm.known_secrets import SECRET_NAME
from agent.proposers.llm.prices import FREE, Price
from agent.proposers.llm.service import (
    LONGEST_MESSAGE,
    LONGEST_S,
    Reply,
    Service,
    ServiceError,
    Turns,
)
from agent.proposers.llm.structured import with_schema
from agent.study.program import Ended, Program, ProgramError, environment_of, words_of
from agent.study.temporary_folder import temporary_folder

CANNOT_RUN = (126, 127)
"""Exit statuses of shells and env for a program that cannot be run, or is not there."""


class Command(Service):
    """A program that is run once for each question, in an empty folder."""

    def __init__(
        self, line: str, granted: Sequence[str] = (), longest_s: float = LONGEST_S
    ) -> None:
        """A command line, and the environment variables that it gets.

        Raises ServiceError where there is no such program or variable.
        """
        model = f"command:{line}"
        try:
            words = words_of(line, f"--model {model}")
            environment = environment_of(granted, "--model-env")
        except ProgramError as error:
            raise ServiceError(str(error), lasting=True) from error
        super().__init__(
            model, (value for name, value in environment.items() if SECRET_NAME.search(name))
        )
        self._program = Program(words, environment, longest_s, LONGEST_MESSAGE)

    def price(self) -> Price:
        return FREE

    def ask(
        self, system: str, turns: Turns, schema: Mapping[str, object], max_tokens: int
    ) -> Reply:
        """Secrets are cut from `system` and `turns`; its length is bounded in bytes alone."""
        told = [self._redaction.cut(system)]
        for turn in turns:
            said = self._redaction.cut(turn["content"])
            told.append(said if turn["role"] == "user" else f"Your answer was:\n\n{said}")
        question = with_schema("\n\n".join(told), schema).encode("utf-8", "replace")
        with temporary_folder("model") as folder:
            try:
                ended = self._program.run(question, folder)
            except ProgramError as error:
                raise self._error(f"the command {error}", maybe_billed=True) from error
        if ended.status:
            raise self._failed(ended)
        return Reply(ended.output.decode("utf-8", "replace"), "end_turn", None)

    def _failed(self, ended: Ended) -> ServiceError:
        said = one_line(ended.last_line) or "-"
        line = f"the command failed (exit status {ended.status}): {said}"
        relative = next((word for word in self._program.words[1:] if _is_relative(word)), None)
        if relative:
            line += (
                f"; it runs in an empty folder: write {Path(relative).resolve()}, not {relative}"
            )
        lasting = bool(relative) or ended.status in CANNOT_RUN
        return self._error(line, lasting=lasting, maybe_billed=True)

    def _error(self, line: str, **kind: Any) -> ServiceError:
        """`kind` as ServiceError takes it."""
        return ServiceError(self._redaction.cut(f"{line}; asked {one_line(self.model)}"), **kind)


def _is_relative(word: str) -> bool:
    """Whether a word is a file here, and not where the command runs."""
    return not os.path.isabs(word) and os.path.isfile(word)
