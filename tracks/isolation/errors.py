"""Errors of the harness: internal ones or the machine's, never the submission's."""


class HarnessError(Exception):
    """The harness broke."""


class DataError(Exception):
    """The data of an instance could not be built."""


class EvaluationInterrupted(Exception):
    """The launcher was closed while the evaluation ran."""
