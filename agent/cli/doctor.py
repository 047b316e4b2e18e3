"""`autoresearch doctor`: what this machine can do, and the cure for what is missing."""

from dataclasses import asdict
from pathlib import Path

import typer

from agent.cli import common

SCHEMA_VERSION = 1
MACHINE = 1


def doctor(
    as_json: bool = typer.Option(False, "--json", help="Print the checks as JSON."),
) -> None:
    """Show what this machine can do, and the cure for what is missing.

    Sandbox, cores, GPU, torch, git, ledger, disk, keys (never their value). Nothing is changed.
    Exit status 1 where something is broken that a study needs; what is missing or a warning is no
    obstacle.

    \b
    Examples:
      autoresearch doctor
      autoresearch doctor --json
    """
    from agent.report.terminal_table import print_table
    from agent.study.doctor import can_run, examine

    checks = examine(Path.cwd())
    able = can_run(checks)
    if as_json:
        rows = [asdict(check) for check in checks]
        common.print_json({"schema_version": SCHEMA_VERSION, "can_run": able, "checks": rows})
    else:
        cells = [[check.name, check.state, check.found, check.cure] for check in checks]
        print_table(common.console(), "This machine", ["check", "state", "found", "cure"], cells)
        broken = ", ".join(check.name for check in checks if check.state == "broken")
        print("A study can run here." if able else f"No study can run here yet: {broken}.")
    if not able:
        raise typer.Exit(MACHINE)
