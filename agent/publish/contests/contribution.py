"""What goes into a contribution: a winner, its runs here, and what the user adds."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from agent.publish.contests.logs import Log
from agent.verdict.comparison import resolution
from agent.verdict.effect import score_text
from agent.verdict.statistics import PairedTest, paired_t_test
from tracks.base import Objective, Track
from tracks.evaluation import Evaluation
from tracks.registry import get_track
from tracks.submission import Submission
from tracks.track3_groups import Groups


@dataclass(frozen=True)
class Given:
    """What the user names: the contest's script, logs of its runs, and who hands it in.

    `groups` are the parameters that the winner steps there; `best` is the loss of the best result
    so far.
    """

    script: Path | None = None
    groups: Groups = "all"
    logs: Sequence[Path] = ()
    best: float | None = None
    author: str = ""
    github_id: str = ""


@dataclass(frozen=True)
class Added:
    """The same as it goes into the folder: the script and how it was changed, the logs read."""

    script: str = ""
    diff: str = ""
    logs: Sequence[Log] = ()
    best: float | None = None
    author: str = ""
    github_id: str = ""


@dataclass(frozen=True)
class Contribution:
    """One submission, its official run, and its and the incumbent's runs by held-out instance.

    `key` is what these were drawn from, `track_option` how commands name the track. `added` holds
    what belongs to the contest alone.
    """

    submission: Submission
    incumbent: str
    objective: Objective
    official: Evaluation
    seeds: Sequence[tuple[Evaluation, Evaluation]]
    date: str
    key: str
    track_option: str
    added: Added = Added()

    @property
    def name(self) -> str:
        return self.submission.name

    @property
    def track(self) -> Track:
        return get_track(self.official.instance.track)

    @cached_property
    def ours(self) -> list[float]:
        """What a test compares: steps, or the loss or its log10."""
        return [evaluation.comparable(self.objective) for evaluation, _ in self.seeds]

    @cached_property
    def theirs(self) -> list[float]:
        return [evaluation.comparable(self.objective) for _, evaluation in self.seeds]

    @property
    def threshold(self) -> float:
        """The incumbent's mean."""
        return statistics.fmean(self.theirs)

    @property
    def grid(self) -> float:
        return resolution([e for pair in self.seeds for e in pair], self.objective)

    def paired(self) -> PairedTest:
        """Against the incumbent on the same instances."""
        pairs = zip(self.theirs, self.ours, strict=True)
        return paired_t_test([theirs - ours for theirs, ours in pairs], resolution=self.grid)

    def one_sample(self) -> PairedTest:
        """Against the threshold; rounding is that of one value, not of a difference."""
        differences = [self.threshold - value for value in self.ours]
        return paired_t_test(differences, resolution=self.grid / math.sqrt(2))

    def shown(self, value: float) -> str:
        return score_text(value, self.objective, self.official.max_steps)
