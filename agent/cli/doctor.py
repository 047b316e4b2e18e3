"""`autoresearch doctor`: the abilities of this machine, and the cure for what is missing."""

from dataclasses import asdict
from pathlib import Path

import typer

from agent.cli import output
from agent.cli.options import Json

CANNOT_RUN = 1


def doctor(as_json: Json = False) -> None:
    """Check this machine; show the cure for what is missing.

    Sandbox, cores, GPU, torch, git, ledger, disk, keys (never their value). Nothing is changed.
    Exit status 1 where something is broken that a study needs; a warning is no obstacle.

    \b
    Examples:
      autoresearch doctor
      autoresearch doctor --json
    """
    from agent.study.doctor import can_run, examine

    checks = examine(Path.cwd())
    able = can_run(checks)
    cells = [[check.name, check.state, check.found, check.cure] for check in checks]
    content = {"can_run": able, "checks": [asdict(check) for check in checks]}
    output.show(as_json, content, "This machine", ["check", "state", "found", "cure"], cells)
    if not as_json:
        broken = ", ".join(check.name for check in checks if check.state == "broken")
        print("A study can run here." if able else f"No study can run here yet: {broken}.")
    if not able:
        raise typer.Exit(CANNOT_RUN)
