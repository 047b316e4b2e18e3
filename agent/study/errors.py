"""Errors that a person can fix."""

from tracks.isolation.errors import HarnessError


class UserError(Exception):
    """Bad input. The message is one line: what was wrong, what was expected, how to fix it."""


class UnreadableFileError(UserError, ValueError):
    """A file of ours that is cut off or damaged. The message names it and says what to do."""


class MachineError(HarnessError):
    """The machine refuses or fails, whatever is evaluated. One line: the cause and its cure."""
