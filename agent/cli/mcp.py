"""`autoresearch mcp`: the tools of an agent, over standard input and output."""

import os
import sys
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path

import typer

from agent.cli import output
from agent.cli.interrupt import ending_with
from agent.cli.machine import AnyMachine
from agent.cli.studies import DEFAULT_BUDGET, MOST_TRIALS
from agent.study.errors import UserError


def mcp(
    machine: AnyMachine,
    folder: Path = typer.Option(Path(), help="Work in this folder."),
    budget: int = typer.Option(
        DEFAULT_BUDGET, min=1, max=MOST_TRIALS, help="Trials of each study that a tool call begins."
    ),
) -> None:
    """Serve an agent the verbs as tools (Model Context Protocol).

    It speaks over standard input and output, and opens no port. Tools read files below drafts/
    alone; no call changes the options that are given here, raises a budget or asks a model.

    \b
    Examples:
      claude mcp add autoresearch -- autoresearch mcp --min-sandbox full
      autoresearch mcp --folder ~/autoresearch --budget 20
    """
    if find_spec("mcp") is None:
        raise UserError("it needs the package mcp: pip install 'autoresearch[mcp]'")
    try:
        os.chdir(folder.expanduser())
    except OSError as error:
        raise UserError(f"--folder {folder}: {error.strerror}") from error
    machine.on()
    # with the protocol's package, which takes a second
    from agent.cli.server.server import Tools, serve

    if sys.stdin.isatty():
        output.say("waiting for an agent on standard input; Ctrl-D ends it", stderr=True)
    with ending_with("interrupted"):
        serve(Tools(budget, words_of(machine)))


def words_of(machine: AnyMachine) -> list[str]:
    """The options of the machine that differ from their defaults, as on a command line."""
    given = {one.name: getattr(machine, one.name) for one in fields(machine)}
    usual = AnyMachine()
    return [
        f"--{name.replace('_', '-')}={value}"
        for name, value in given.items()
        if value != getattr(usual, name)
    ]
