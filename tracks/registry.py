"""Every track by name: the suite, installed packages, and the files that were loaded."""

import importlib
import pkgutil
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from tracks import suite, track_file
from tracks import workloads as workloads_folder
from tracks.base import Track, TrackSource
from tracks.links import followed
from tracks.track_file import TrackError
from tracks.workload import Workload

GROUP = "autoresearch.tracks"
"""The entry points of packages that bring a track: its name, and the object or its class."""
FILES = (".py", ".txt")
"""How the names of files end that are tracks: code, or a text for tiny_lm."""
PROBE_MODULES = ("tracks.probe", "tracks.track3_groups")
_loaded: dict[str, Track] = {}
"""Tracks from files."""
_files: dict[str, Path] = {}
"""Files of tracks that a study knows, loaded when they are needed."""


class UnknownTrackError(ValueError):
    """No track of this name; the message lists those there are."""

    def __init__(self, name: str) -> None:
        known = ", ".join(sorted([*all_tracks(), *_packaged()]))
        super().__init__(
            f"no track named {name!r}; there are: {known}; a track of your own is given by its "
            "file, as in --track my_track.py"
        )


@cache
def _suite() -> dict[str, tuple[Track, ...]]:
    """The `TRACKS` of every module of `tracks.suite`, by its name."""
    found = pkgutil.iter_modules(suite.__path__, prefix=f"{suite.__name__}.")
    return {module.name: importlib.import_module(module.name).TRACKS for module in found}


@cache
def _in_suite() -> dict[str, Track]:
    return {track.name: track for tracks in _suite().values() for track in tracks}


@cache
def _packaged() -> dict[str, EntryPoint]:
    """What installed packages offer, not yet imported; the suite's names are taken."""
    return {one.name: one for one in entry_points(group=GROUP) if one.name not in _in_suite()}


@cache
def _from_package(name: str) -> Track:
    """Raises TrackError."""
    point = _packaged()[name]
    where = f"track {name} of package {point.dist.name if point.dist else point.module}"
    try:
        found = point.load()
        track = found() if isinstance(found, type) else found
    except Exception as error:
        raise TrackError(f"{where}: {track_file.said_of(error)}") from error
    track_file.complete(track, name, where)
    if track.name != name:
        raise TrackError(f"{where}: it calls itself {track.name!r}")
    return track  # type: ignore[no-any-return]


def file_digest(name: str) -> str | None:
    """Of the file of a track, as this process loaded it; None for one of the suite or a package."""
    source = get_track(name).source
    return source.digest if source else None


def all_tracks() -> dict[str, Track]:
    """The suite's, and those of files that were loaded; those of packages are found by name."""
    return {**_in_suite(), **_loaded}


def packaged_tracks() -> list[str]:
    """Names of the tracks that installed packages bring."""
    return sorted(_packaged())


def remembered_tracks() -> list[str]:
    """Names of the tracks in files that the opened studies have."""
    return sorted(_files)


def defining_modules(track: Track) -> set[str]:
    """Modules that define a track: that of its class, and the one that lists it."""
    listing = {name for name, tracks in _suite().items() if any(t is track for t in tracks)}
    return {type(track).__module__, *listing}


@cache
def _probes() -> dict[str, Track]:
    from tracks.probe import PROBES
    from tracks.track3_groups import GROUPS

    return {probe.name: probe for probe in (*PROBES, *GROUPS)}


@cache
def workloads() -> tuple[Workload, ...]:
    """Every `WORKLOADS` of `tracks.workloads`."""
    found = pkgutil.iter_modules(workloads_folder.__path__, f"{workloads_folder.__name__}.")
    modules = [importlib.import_module(module.name) for module in found]
    return tuple(one for module in modules for one in getattr(module, "WORKLOADS", ()))


def is_offered(track: Track) -> bool:
    """Whether it is a track to study; probes serve other purposes, and workloads transfer."""
    return not isinstance(track, Workload) and type(track).__module__ not in PROBE_MODULES


def _workload(name: str) -> Track | None:
    return next((one for one in workloads() if one.name == name), None)


def get_track(name: str) -> Track:
    """The track of this name. Raises UnknownTrackError, or TrackError for one that is broken."""
    track = all_tracks().get(name)
    if track is None and name in _files:
        return add_file(_there(_files[name], name), name)
    if track is None and name in _packaged():
        return _from_package(name)
    # probes import torch, so they come last
    track = track or _workload(name) or _probes().get(name)
    if track is None:
        raise UnknownTrackError(name)
    return track


def _in_file(path: Path) -> list[Track]:
    if path.suffix == ".py":
        return track_file.load(path)
    from tracks.own_text import text_track

    return [text_track(path)]


def add_file(path: Path, name: str = "") -> Track:
    """The track of a file, known by its name from now on; `name` chooses among several.

    Raises TrackError, also where the name is taken.
    """
    path = followed(path)
    tracks = {track.name: track for track in _in_file(path)}
    there_are = f"{path}: it has the tracks {', '.join(tracks)}"
    if name and name not in tracks:
        raise TrackError(f"{there_are}, and none named {name!r}")
    if not name and len(tracks) > 1:
        raise TrackError(f"{there_are}; choose one, as in {path.name}:{next(iter(tracks))}")
    track = tracks[name] if name else next(iter(tracks.values()))
    other = _loaded.get(track.name)
    elsewhere = other is not None and other.source and other.source.path != str(path)
    if track.name in _in_suite() or track.name in _packaged() or elsewhere or _workload(track.name):
        raise TrackError(f"{path}: the name {track.name!r} is taken; give the track another name")
    _loaded[track.name] = track
    return track


def remember_file(name: str, path: Path) -> None:
    """Where the track of this name is, which is loaded once it is asked for.

    The first file that is there counts: an older study may have one that was moved since.
    """
    if name not in _files or not _files[name].is_file():
        _files[name] = path


def _there(path: Path, name: str) -> Path:
    """The file of a study's track. Raises TrackError where it is not there."""
    if not path.is_file():
        raise TrackError(
            f"{path}: no such file, and studies of the track {name} need it: put it back, or, "
            f"where it was moved, give each of them its new place: autoresearch run --resume "
            "STUDY --track FILE"
        )
    return path


def find_track(given: str) -> Track:
    """A track by its name, its file, or `FILE:NAME`; a text is that of a language model.

    Raises UnknownTrackError or TrackError.
    """
    file, colon, name = given.rpartition(":")
    if colon and file.endswith(FILES):
        return add_file(Path(file), name)
    if given.endswith(FILES):
        return add_file(Path(given))
    try:
        return get_track(given)
    except UnknownTrackError:
        if given:
            _require_no_path(Path(given))
        raise


def _require_no_path(path: Path) -> None:
    """Raise TrackError where a path was given that is there and cannot be a track."""
    if path.is_dir():
        raise TrackError(f"{path} is a folder; a track is a file, as in {path / 'my_track.py'}")
    if path.is_file():
        raise TrackError(f"{path} is no track: a track's file ends in .py, a text in .txt")


def require_loaded(name: str, source: TrackSource | None) -> Track:
    """The track of a message from another process, loaded from its file where it has one.

    Raises TrackError where that file is missing, or has changed since.
    """
    if source is None:
        return get_track(name)
    # a worker may have loaded it for an earlier study
    if name in _loaded and _loaded[name].source != source:
        raise TrackError(f"{source.path}: this process has read another version; start it again")
    track = _loaded.get(name) or add_file(Path(source.path), name)
    if track.source != source:
        raise TrackError(f"{source.path}: it changed during the run; give the command again")
    return track
