"""`autoresearch`: the verbs, and what a person sees of an error."""

import gc
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress

import typer

from agent.cli import output, streams
from agent.cli.interrupt import Interrupted, handling_signals
from agent.cli.storage import using_storage
from agent.cli.verbs import PLAIN, add_verbs
from agent.study.errors import INPUT_ERRORS, MachineError
from agent.study.storage_address import SCHEME, VARIABLE
from agent.study.system_errors import path_error, system_error
from tracks.printable import printable

# imported modules stay to the end, so searching them for garbage takes time for nothing
gc.set_threshold(20_000)
OK, INTERNAL_ERROR, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

VERBS = {
    "Run": ("run", "baseline", "worker", "doctor"),
    "Measure": ("eval", "check", "ablate", "chaos", "transfer", "fidelity", "significance"),
    "Study": ("status", "report", "leaderboard", "ideas", "tracks", "space"),
    "Exchange": ("survey", "import", "export", "ledger"),
    "Agents": ("skill", "mcp", "context", "propose"),
}
"""Every verb, under the headings of `--help`; each is a file of this package."""

app = typer.Typer(
    **PLAIN,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
add_verbs(app, VERBS)


def _version(asked: bool) -> None:
    if asked:
        from agent.study.tool_version import program_version

        print(f"autoresearch {program_version()}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Show the version."
    ),
    storage: str = typer.Option(
        "",
        metavar="ADDRESS",
        envvar=VARIABLE,
        help=f"The ledger, {SCHEME}://USER@HOST/DATABASE; works after any verb "
        "[default: runs/ledger.db].",
    ),
    debug: bool = typer.Option(False, "--debug", help="Show tracebacks; works after any verb."),
) -> None:
    """Find better neural-network optimizers, and prove that they are better.

    \b
    The main job:
      autoresearch run --track mqar --budget 20
      autoresearch report mqar-1
    One submission:
      autoresearch space render adamw -o adamw.py
      autoresearch eval --track mqar --submission adamw.py
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    streams.keep_open()
    output.plain_in_the_c_locale()
    with handling_signals():
        return _status([word for word in words if word != "--debug"], debug)


def _status(words: list[str], debug: bool) -> int:
    command = typer.main.get_command(app)
    try:
        with using_storage(words) as rest:
            status = command.main(rest, prog_name="autoresearch", standalone_mode=False)
        sys.stdout.flush()
    except (Interrupted, KeyboardInterrupt) as error:
        return _say(str(error) or "interrupted", INTERRUPTED, False)
    except SystemExit as error:
        # typer makes it of a pipe that broke; ours do not
        if isinstance(error.__context__, BrokenPipeError):
            return _failed(error.__context__, debug)
        raise
    except Exception as error:
        return _failed(error, debug)
    return _say("interrupted", INTERRUPTED, False) if status == INTERRUPTED else int(status or OK)


def _failed(error: Exception, debug: bool) -> int:
    """Report an error in one line; the exit status says whose it is."""
    if isinstance(error, INPUT_ERRORS):
        return _say(str(error), BAD_INPUT, debug)
    if type(error).__name__ == "NoArgsIsHelpError":
        print(error)
        return BAD_INPUT
    if isinstance(error, typer.TyperException):
        # pydantic, which checks values for typer, begins its own message with words for programmers
        message = error.format_message().replace("Value error, ", "").rstrip(".")
        return _say(f"{message} (see --help)", BAD_INPUT, debug)
    if isinstance(error, MachineError):
        return _say(str(error), INTERNAL_ERROR, debug)
    if cause := system_error(error):
        return _say(cause, INTERNAL_ERROR, debug)
    if problem := path_error(error):
        return _say(problem, BAD_INPUT, debug)
    reason = f"{type(error).__name__}: {error}"
    hint = "" if debug else "; --debug shows the traceback"
    return _say(f"internal error: {reason}{hint}", INTERNAL_ERROR, debug)


def _say(message: str, status: int, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    with suppress(OSError):  # the terminal may be gone
        print(f"autoresearch: {printable(' '.join(message.split()))}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
