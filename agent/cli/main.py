"""`autoresearch`: the verbs, and what an error looks like to a person."""

import gc
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress

import typer

from agent.cli import (
    baseline,
    check,
    doctor,
    evaluate,
    exchange,
    fidelity,
    ideas,
    researcher,
    run,
    selftest,
    show,
    significance,
    skill,
    space,
    survey,
)
from agent.cli.common import Interrupted, Stopped
from agent.cli.interrupt import listening
from agent.study.errors import MachineError, UserError
from agent.study.system_errors import system_error
from tracks.printable import printable
from tracks.submission import InvalidSubmissionError

# what imports make is kept to the end, so to look through it for garbage takes time for nothing
gc.set_threshold(20_000)
OK, FAULT, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(run.run)
app.command("eval")(evaluate.evaluate_submission)
app.command("baseline")(baseline.baseline)
app.command("check")(check.check)
app.command("report")(show.report)
app.command("leaderboard")(show.leaderboard)
app.command("status")(show.status)
app.command("tracks")(show.tracks)
app.command("export")(exchange.export)
app.command("import")(exchange.import_submissions)
app.command("ideas")(ideas.ideas)
app.command("context")(researcher.context)
app.command("survey")(survey.survey)
app.command("propose")(researcher.propose)
app.command("doctor")(doctor.doctor)
app.command("fidelity")(fidelity.fidelity)
app.command("selftest")(selftest.selftest)
app.add_typer(significance.app, name="significance")
app.add_typer(skill.app, name="skill")
app.add_typer(space.app, name="space")


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"autoresearch {version('autoresearch')}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Show the version."
    ),
    debug: bool = typer.Option(False, "--debug", help="Show tracebacks; works after any verb."),
) -> None:
    """Find better neural-network optimizers, and prove that they are better.

    \b
    The main job:
      autoresearch run --track mqar --budget 20
      autoresearch report mqar-1
    One submission:
      autoresearch eval --track mqar --submission submissions/adamw/submission.py
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit status."""
    try:
        status = _run(arguments)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        return _unread()
    except SystemExit as error:
        # rich and typer make status 1 of it
        if isinstance(error.__context__, BrokenPipeError):
            return _unread()
        raise


def _unread() -> int:
    """The reader of our output went away, as `head` does; what is left of it goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OK


def _run(arguments: Sequence[str] | None) -> int:
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    with listening():
        return _answer(words, debug)


def _answer(words: list[str], debug: bool) -> int:
    command = typer.main.get_command(app)
    try:
        status = command.main(words, prog_name="autoresearch", standalone_mode=False)
        if status == INTERRUPTED:
            return _say("interrupted", INTERRUPTED, False)
        return int(status or OK)
    except (UserError, InvalidSubmissionError) as error:
        return _say(str(error), BAD_INPUT, debug)
    except (Stopped, MachineError) as error:
        return _say(str(error), FAULT, debug)
    except Interrupted as error:
        return _say(str(error), INTERRUPTED, False)
    except KeyboardInterrupt:
        return _say("interrupted", INTERRUPTED, False)
    except BrokenPipeError:
        raise
    except Exception as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error)
            return BAD_INPUT
        if _is_usage_error(error):
            message = getattr(error, "format_message", error.__str__)()
            return _say(f"{message} (see --help)", BAD_INPUT, debug)
        if cause := system_error(error):
            return _say(cause, FAULT, debug)
        reason = f"{type(error).__name__}: {error}"
        hint = "" if debug else "; --debug shows the traceback"
        return _say(f"internal error: {reason}{hint}", FAULT, debug)


def _is_usage_error(error: Exception) -> bool:
    """Whether the command line's own parser complained; typer does not export its base class."""
    return any(base.__name__ == "ClickException" for base in type(error).__mro__)


def _say(message: str, status: int, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    with suppress(OSError):  # the terminal may be gone
        print(f"autoresearch: {printable(' '.join(message.split()))}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
