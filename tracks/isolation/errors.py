"""Errors of the harness: internal ones or the machine's, never the submission's."""

from tracks.evaluation import Evaluation
from tracks.track_file import TrackError


class HarnessError(Exception):
    """The harness broke."""


class DataError(Exception):
    """The data of an instance could not be built."""


class EvaluationInterrupted(Exception):
    """The launcher was closed while the evaluation ran."""


class TrackRaisedError(TrackError):
    """A track's own code failed after a step of the optimizer, which may have caused it: then
    `evaluation` is its result."""

    def __init__(self, line: str, evaluation: Evaluation) -> None:
        super().__init__(line)
        self.evaluation = evaluation
