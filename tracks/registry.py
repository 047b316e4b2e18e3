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
def all_tracks() -> dict[str, Track]:
    """Import every module of `tracks.suite` and collect its `TRACKS`."""
    found: dict[str, Track] = {}
    for module in pkgutil.iter_modules(suite.__path__, prefix=f"{suite.__name__}."):
        for track in importlib.import_module(module.name).TRACKS:
            found[track.name] = track
    return found


def defining_modules(track: Track) -> set[str]:
    """Names of the modules that make a track what it is: its class's, and the one that lists it."""
    modules = [module.name for module in pkgutil.iter_modules(suite.__path__, f"{suite.__name__}.")]
    listing = {
        name
        for name in modules
        if any(listed is track for listed in importlib.import_module(name).TRACKS)
    }
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
