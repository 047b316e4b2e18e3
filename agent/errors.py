"""Errors that a person can mend."""


class UserError(Exception):
    """Bad input. The message is one line: what was wrong, what was expected, how to mend it."""
