"""docs/commands.md: the help of every verb, as `make docs` writes it."""

from collections.abc import Iterator
from typing import Any

import typer

from agent.cli.main import app

WIDTH = 80
HEAD = """# Commands

The help of every verb, written by `make docs`; a test fails when it is out of date. What may change
between versions: [versioning.md](versioning.md).
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_sections(typer.main.get_command(app), "autoresearch", None))


def _sections(command: Any, name: str, parent: typer.Context | None) -> Iterator[str]:
    given: dict[str, Any] = {"info_name": name, "parent": parent, "terminal_width": WIDTH}
    context = typer.Context(command, **given, **command.context_settings)
    text = "\n".join(line.rstrip() for line in context.get_help().splitlines())
    yield f"\n## {context.command_path}\n\n```\n{text}\n```\n"
    for verb, below in getattr(command, "commands", {}).items():
        yield from _sections(below, verb, context)


if __name__ == "__main__":
    print(page(), end="")
