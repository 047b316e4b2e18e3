"""The error for a track's own code that fails while a submission trains."""

from tracks.evaluation import Evaluation
from tracks.track_file import TrackError


class TrackRaisedError(TrackError):
    """A track's own code failed after a step of the optimizer, which may have caused it: then
    `evaluation` is its result."""

    def __init__(self, line: str, evaluation: Evaluation) -> None:
        super().__init__(line)
        self.evaluation = evaluation
