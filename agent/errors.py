"""Errors that a person can mend."""


class UserError(Exception):
    """Bad input. The message is one line: what was wrong, what was expected, how to mend it."""


class UnreadableFileError(UserError, ValueError):
    """A file of ours that is cut off or damaged. The message names it and says what to do."""


class MachineError(Exception):
    """The machine refuses: a full disk, a lock that is held. The message says what to do."""
