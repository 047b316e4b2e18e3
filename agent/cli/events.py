"""The program that a study's events are given to, as asked for on the command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.cli.run_options import Target
from agent.study.errors import UserError

if TYPE_CHECKING:
    from agent.study.ledger import Ledger
    from agent.study.program import Program
    from agent.study.progress import View
    from agent.study.study import Study


def event_program(ledger: "Ledger", target: Target) -> "Program | None":
    """The program asked for, now or when the study began. Raises UserError."""
    from agent.report.event_command import LONGEST_S, MOST_BYTES
    from agent.study.program import Program, ProgramError, environment_of, words_of
    from agent.study.settings import Overrides

    kept = ledger.open(target.resume).overrides if target.resume else Overrides()
    line = kept.on_event if target.on_event is None else target.on_event
    names = target.event_env or kept.event_env
    if not line:
        if target.event_env:
            raise UserError("--event-env is for --on-event COMMAND; leave it out")
        return None
    try:
        words = words_of(line, f"--on-event {line!r}")
        environment = environment_of(names, "--event-env")
    except ProgramError as error:
        raise UserError(str(error)) from error
    return Program(words, environment, LONGEST_S, MOST_BYTES)


@contextmanager
def announced(view: "View", study: "Study", program: "Program | None") -> Iterator["View"]:
    """The view of a study whose events go to the program; what is left is waited for at the end."""
    if program is None:
        yield view
        return
    from agent.report.announcer import Announcer
    from agent.report.event_command import EventCommand

    command = EventCommand(program, view.note)
    try:
        yield Announcer(view, study, command.send)
    except BaseException:
        command.close(patience_s=0)
        raise
    command.close()
