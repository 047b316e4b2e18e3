"""Errors that a person can fix."""

from tracks.isolation.errors import HarnessError
from tracks.registry import UnknownTrackError
from tracks.submission import InvalidSubmissionError
from tracks.track_file import TrackError


class UserError(Exception):
    """Bad input. The message is one line: what was wrong, what was expected, how to fix it."""


class UnreadableFileError(UserError, ValueError):
    """A file of ours that is cut off or damaged. The message names it and says what to do."""


class MachineError(HarnessError):
    """The machine refuses or fails, whatever is evaluated. One line: the cause and its cure."""


class StoppedError(Exception):
    """The search cannot continue now; nothing is lost, and the study can be resumed."""


INPUT_ERRORS = (UserError, InvalidSubmissionError, TrackError, UnknownTrackError)
"""All that bad input raises, each with one line for its message."""
