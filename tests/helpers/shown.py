"""Whether a command that a document shows has a verb, and options that this verb has."""

import re
from typing import Any

import typer

from agent.cli.main import app

ROOT_COMMAND: Any = typer.main.get_command(app)
EVERYWHERE = {"--debug", "--storage", "--help", "-h", "--version"}
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
ENDS = re.compile(r"\s[|#>;&]|\s->")
NO_VERB = re.compile(r"[^a-z]|\.\.\.")


def problem(line: str) -> str:
    """The first word of a command line that this program does not know; "" where it has none."""
    words = ENDS.split(QUOTED.sub("TEXT", line))[0].split()
    command = ROOT_COMMAND
    while words and hasattr(command, "commands"):
        if NO_VERB.match(words[0]):
            break
        if words[0] not in command.commands:
            return words[0]
        command = command.commands[words.pop(0)]
    known = EVERYWHERE.union(*(each.opts + each.secondary_opts for each in command.params))
    options = (word.split("=")[0] for word in words if re.match(r"--?[a-z]", word))
    return next((option for option in options if option not in known), "")
