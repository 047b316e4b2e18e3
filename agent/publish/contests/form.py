"""What a contest's form is, to the verb that exports."""

from abc import ABC, abstractmethod

from agent.publish.contests.contribution import Added, Contribution, Given
from agent.study.errors import UserError
from agent.study.executor import Executor
from tracks.base import Track
from tracks.submission import Submission


class Form(ABC):
    """The form of one contest. `export` calls `add`, then `try_out`, measures, and `files`."""

    name: str

    @abstractmethod
    def add(self, winner: Submission, track: Track, given: Given) -> Added:
        """Read what the user names. Raises UserError for what the form cannot use."""

    @abstractmethod
    def files(self, given: Contribution) -> dict[str, str]:
        """Text by path, relative to the root of the contest's repository."""

    def try_out(self, executor: Executor, winner: Submission, given: Given) -> None:
        """Try the winner on what the contest hands to it. Raises UserError where it fails."""
        return


def require_none(contest: str, **given: object) -> None:
    """Raise UserError for an option that a contest has no place for."""
    for option, value in given.items():
        if value:
            word = option.replace("_", "-")
            raise UserError(f"--{word}: a contribution to {contest} has none; leave it out")
