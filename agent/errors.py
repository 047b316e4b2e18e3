"""Errors that a person can fix."""

from tracks.launcher import HarnessError


class UserError(Exception):
    """Bad input. The message is one line: what was wrong, what was expected, how to fix it."""


class MachineError(HarnessError):
    """The evaluation processes fail whatever is evaluated. One line: the cause and its cure."""
