"""One check of the doctor: a state, what was found, and the cure; and the list of all checks."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class State(StrEnum):
    """What a check found."""

    OK = "ok"
    WARNING = "warning"
    """It works, with less than there could be."""
    MISSING = "missing"
    """Not there, and a study runs without it."""
    BROKEN = "broken"
    """No study can run here until it is fixed."""


@dataclass(frozen=True)
class Check:
    """The state of one thing, and how to fix it where that is needed."""

    name: str
    state: State
    found: str
    cure: str = ""


Finding = tuple[State, str, str]
"""State, what was found, cure."""
CHECKS: dict[str, Callable[[Path], Check]] = {}


def check(name: str) -> Callable[[Callable[[Path], Finding]], None]:
    """Register a check under its name."""

    def register(examination: Callable[[Path], Finding]) -> None:
        CHECKS[name] = lambda folder: Check(name, *examination(folder))

    return register


def ok(found: str) -> Finding:
    return State.OK, found, ""
