"""Whether the file of a study's track is still the one that the study began with, and where."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.study.errors import UserError
from agent.study.study_row import SETTINGS
from tracks.base import TrackSource
from tracks.registry import file_digest, get_track

if TYPE_CHECKING:
    from agent.study.study import Study


def has_changed(study: "Study") -> bool:
    """Whether the file, or one that it names, has changed since."""
    settings = study.settings
    return bool(settings.track_file) and file_digest(settings.track) != settings.track_digest


def place_of(source: TrackSource, root: Path) -> str:
    """The file of a track as a study keeps it: relative to the workspace, if it is in there."""
    file, root = Path(source.path), root.resolve()
    return str(file.relative_to(root) if root in file.parents else file)


def keep_place(study: "Study") -> None:
    """Note the new place of the unchanged file of a study's track, where it was moved."""
    settings, file = study.settings, study.track_file
    source = get_track(settings.track).source
    if file and source and not file.is_file():
        place = place_of(source, study.runs.parent)
        study.settings = replace(settings, track_file=place)
        study.note(SETTINGS, study.settings.to_json())


def change_note(study: "Study") -> str:
    """A sentence for those who read the study; empty where nothing has changed.

    Raises UserError where the track has no longer what the study was run with.
    """
    if not has_changed(study):
        return ""
    settings, track = study.settings, get_track(study.settings.track)
    has_aim = settings.objective == "final" or track.target is not None
    missing = "target" if not has_aim else ""
    missing = missing if settings.scale in track.scales else f"scale {settings.scale}"
    if missing:
        raise UserError(
            f"{study.track_file}: study {study.name} was run with a {missing}, which the track has "
            "no longer; restore the file to read the study"
        )
    return (
        f"The file of track {track.name} has changed since this study began: metric, target and "
        "summary are shown as the file has them now, results as they were measured before."
    )
