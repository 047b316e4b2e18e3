"""A score across tracks: is an optimizer a specialist, or good on all of them?"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.knowledge.leaderboard import Entry, by_version, results_by_track
from agent.knowledge.tried import log_loss
from agent.study.workspace import Workspace
from agent.verdict.transfer_record import TransferRecord
from tracks.base import Track
from tracks.registry import UnknownTrackError, all_tracks, get_track
from tracks.track_file import TrackError

FAR = 10.0
"""A cost ratio from which a result counts for nothing."""


@dataclass(frozen=True)
class Profile:
    """Cost ratios to the best by track: None where not measured, inf for a missed target."""

    name: str
    ratios: Mapping[str, float | None]
    transfer: TransferRecord | None = None

    @property
    def score(self) -> float:
        """Area under the performance profile (Dolan and More 2002), from 0 to 1.

        rho(tau) is the share of tracks whose ratio is at most tau; the area is over log10 tau from
        0 to 1, which is the mean over tracks of max(0, 1 - log10 ratio). Missing ones count as 0.
        """
        worth = [self._worth(ratio) for ratio in self.ratios.values()]
        return math.fsum(worth) / len(worth)

    def missed(self, track: str) -> bool:
        """Whether it was measured there and missed the target."""
        return self.ratios[track] == math.inf

    @property
    def verdict(self) -> str:
        measured = {track: self._worth(r) for track, r in self.ratios.items() if r is not None}
        good = [track for track, worth in measured.items() if worth >= 0.5]
        if len(measured) < 2:
            return "measured on one track only"
        if len(good) == len(measured):
            return "good on all it was measured on"
        return f"specialist: {', '.join(good)}" if good else "far from the best"

    @staticmethod
    def _worth(ratio: float | None) -> float:
        return 0.0 if ratio is None else max(0.0, 1 - math.log(ratio, FAR))


@dataclass(frozen=True)
class AcrossTracks:
    """Profiles, the highest score first, and what none of them counts."""

    profiles: Sequence[Profile]
    unknown_tracks: Sequence[str]
    """Tracks with results that cannot be loaded: those in files are known by opened studies."""
    outdated: Sequence[Entry]
    """Results of another version of a track's file."""


def across_tracks(workspace: Workspace) -> AcrossTracks:
    """Every submission with an official result on any track.

    The ratio is that of the steps to target; for final losses it is 1 plus the decades between
    them where the track compares logarithms, else 1 plus their difference as a share of the best.
    A track on which nothing was measured does not count.
    """
    tracks, unknown = _measured_tracks(workspace)
    ratios: dict[str, dict[str, float]] = {}
    last: dict[str, Entry] = {}
    outdated: list[Entry] = []
    for name, track in tracks.items():
        found, of_before = by_version(workspace, name, track.objective, "full")
        outdated += of_before
        for entry in found:
            ratios.setdefault(entry.name, {})[name] = _ratio(entry, found[0], track)
            last[entry.name] = entry
    measured = [name for name in tracks if any(name in own for own in ratios.values())]
    made = [
        Profile(name, {track: own.get(track) for track in measured}, last[name].transfer)
        for name, own in ratios.items()
    ]
    made.sort(key=lambda profile: (-profile.score, profile.name))
    return AcrossTracks(made, unknown, outdated)


def _ratio(entry: Entry, first: Entry, track: Track) -> float:
    best, own = first.score(track.objective), entry.score(track.objective)
    if track.objective == "steps":
        return own / best if entry.result["steps_to_target"] else math.inf
    if track.metric.log:
        return 1 + log_loss(own, track, "full") - log_loss(best, track, "full")
    return 1 + (own - best) / (abs(best) or 1.0)


def _measured_tracks(workspace: Workspace) -> tuple[dict[str, Track], list[str]]:
    """The tracks of all results, the suite's first, and names of those that cannot be loaded."""
    files = workspace.submissions.glob("*/result.json")
    names = {str(name) for file in files for name in results_by_track(file)}
    found: dict[str, Track] = {name: track for name, track in all_tracks().items() if name in names}
    unknown = []
    for name in sorted(names - found.keys()):
        try:
            found[name] = get_track(name)
        except (UnknownTrackError, TrackError):
            unknown.append(name)
    return found, unknown
