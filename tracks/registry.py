"""Every track of the suite by name."""

import importlib
import pkgutil
from functools import cache

from tracks import suite
from tracks.base import Track


class UnknownTrackError(ValueError):
    """No track of this name; the message lists those there are."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no track named {name!r}; there are: {', '.join(sorted(all_tracks()))}")


@cache
def _suite() -> dict[str, tuple[Track, ...]]:
    """The `TRACKS` of every module of `tracks.suite`, by its name."""
    found = pkgutil.iter_modules(suite.__path__, prefix=f"{suite.__name__}.")
    return {module.name: importlib.import_module(module.name).TRACKS for module in found}


@cache
def all_tracks() -> dict[str, Track]:
    return {track.name: track for tracks in _suite().values() for track in tracks}


def defining_modules(track: Track) -> set[str]:
    """Modules that define a track: that of its class, and the one that lists it."""
    listing = {name for name, tracks in _suite().items() if any(t is track for t in tracks)}
    return {type(track).__module__, *listing}


@cache
def _probes() -> dict[str, Track]:
    from tracks.probe import PROBES

    return {probe.name: probe for probe in PROBES}


def get_track(name: str) -> Track:
    # a probe imports torch, so it comes last
    track = all_tracks().get(name) or _probes().get(name)
    if track is None:
        raise UnknownTrackError(name)
    return track
