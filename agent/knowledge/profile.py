"""A score across tracks: is an optimizer a specialist, or good on all of them?"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from agent.knowledge.leaderboard import Entry, entries, results_by_track
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


def measured_tracks(workspace: Workspace) -> tuple[dict[str, Track], list[str]]:
    """The tracks of all results, the suite's first, and names of those that cannot be loaded.

    A track in a file is known by the studies that were opened before.
    """
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


def profiles(workspace: Workspace) -> list[Profile]:
    """Every submission with an official result on any track, the highest score first.

    The ratio is that of the steps to target; for final losses it is 1 plus the decades between
    them where the track compares logarithms, else 1 plus their difference as a share of the best.
    A track on which nothing was measured does not count.
    """
    ratios: dict[str, dict[str, float]] = {}
    last: dict[str, Entry] = {}
    tracks, _ = measured_tracks(workspace)
    for name, track in tracks.items():
        found = entries(workspace, name, track.objective)
        for entry in found:
            best, own = found[0].score(track.objective), entry.score(track.objective)
            if track.objective == "steps":
                ratio = own / best if entry.result["steps_to_target"] else math.inf
            elif track.metric.log:
                ratio = 1 + log_loss(own, track, "full") - log_loss(best, track, "full")
            else:
                ratio = 1 + (own - best) / (abs(best) or 1.0)
            ratios.setdefault(entry.name, {})[name] = ratio
            last[entry.name] = entry
    measured = [name for name in tracks if any(name in own for own in ratios.values())]
    made = [
        Profile(name, {track: own.get(track) for track in measured}, last[name].transfer)
        for name, own in ratios.items()
    ]
    return sorted(made, key=lambda profile: (-profile.score, profile.name))
