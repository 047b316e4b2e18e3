"""What this machine can do: one check for each thing that a study needs or could use.

A check only reads: it changes nothing, does not load torch and does not start a GPU's driver.
"""

from collections.abc import Callable
from pathlib import Path

from agent.study import machine_checks, workspace_checks
from agent.study.check import CHECKS, Check, State

REGISTERED = (machine_checks, workspace_checks)
"""Importing them fills CHECKS, in this order."""
NEEDED = {"python", "packages", "torch", "workspace", "ledger", "disk"}
"""A study may not run where one of these checks fails itself."""


def examine(folder: Path) -> list[Check]:
    """Every check, seen from `folder`; one that raises is reported as a finding."""
    return [_guarded(name, check, folder) for name, check in CHECKS.items()]


def can_run(checks: list[Check]) -> bool:
    """Whether nothing that a study needs is broken."""
    return all(check.state != State.BROKEN for check in checks)


def _guarded(name: str, check: Callable[[Path], Check], folder: Path) -> Check:
    try:
        return check(folder)
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        state = State.BROKEN if name in NEEDED else State.WARNING
        return Check(name, state, f"cannot be examined: {reason}", "fix what the error names")
