"""`autoresearch ledger`: the studies of a workspace as a whole."""

from dataclasses import asdict
from pathlib import Path

import typer

from agent.cli import inputs, output
from agent.cli.options import Json
from agent.cli.verbs import PLAIN, add
from agent.study.errors import UserError
from agent.study.storage_address import SCHEMES, StorageAddress
from agent.study.workspace import Workspace, address_in, find_workspace

PLACE = "A folder of a workspace, or postgresql://USER@HOST/DATABASE with files in this one."

app = typer.Typer(**PLAIN)


@app.callback()
def ledger() -> None:
    """Copy studies from one ledger to another.

    \b
    Example:
      autoresearch ledger copy ../alone postgresql://me@server/lab
    """


def copy(
    source: str = typer.Argument(..., metavar="FROM", help=PLACE),
    target: str = typer.Argument(..., metavar="TO", help=PLACE),
    study: list[str] = typer.Option(
        [], metavar="NAME", help="Study to copy; repeatable [default: all]."
    ),
    as_json: Json = False,
) -> None:
    """Copy studies whole, with their files.

    That is trials, records, verdicts and evaluations.
    The file of a track of your own is not copied; a line says where it is missing.
    A name that is taken in TO is refused, before anything is copied. A copy that was stopped has
    whole studies alone: the same command with `--study` for the others continues.

    \b
    Examples:
      autoresearch ledger copy ../alone postgresql://me@server/lab
      autoresearch ledger copy postgresql://me@server/lab ../alone --study mqar-1
    """
    from agent.study.ledger import Ledger
    from agent.study.ledger_copy import copy_study, require_free

    here, there = _places(source, target)
    opened = Ledger(here, read_only=True)
    if not (known := opened.names()):
        raise UserError(f"FROM {opened} has no study: expected {PLACE.rstrip('.')}")
    there.writable_runs()
    names, into = list(dict.fromkeys(study)) or known, Ledger(there)
    for name in names:
        opened.open(name)
        require_free(into, name)
    copied = [copy_study(opened, into, name) for name in names]
    content = {"from": str(opened), "to": str(into), "studies": [asdict(one) for one in copied]}
    lines = [
        f"{one.study}: {one.trials} trials, {one.files} files, {one.evaluations} evaluations"
        + (f"; its track's file is not there yet: copy it to {one.missing}" if one.missing else "")
        for one in copied
    ]
    output.show_lines(as_json, content, lines)


def _places(source: str, target: str) -> tuple[Workspace, Workspace]:
    """The workspaces that FROM and TO name. Raises UserError."""
    here, there = _place(source), _place(target)
    if here.runs.resolve() == there.runs.resolve():
        raise UserError(
            f"both ledgers would have their files in {here.runs}: work in the folder that all "
            "machines share, and copy from or to another folder"
        )
    return here, there


def _place(text: str) -> Workspace:
    """The workspace that FROM or TO names. Raises UserError."""
    if text.partition(":")[0] in SCHEMES:
        # the variable may have the same address with its password
        given, kept = StorageAddress.parse(text, allow_password=False), inputs.workspace()
        if kept.storage and StorageAddress.parse(kept.storage).url == given.url:
            return kept
        return Workspace(kept.root, text)
    folder = Path(text)
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder}: expected {PLACE}")
    here = find_workspace(Path.cwd())
    if folder.resolve() == here.root.resolve():
        return here
    return Workspace(folder, address_in(folder))


add(app, copy)
