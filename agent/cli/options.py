"""Options that several verbs share: one name, one type and one help text each."""

import math
import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer

from agent.study.errors import UserError
from tracks.base import Objective, Track, track_option
from tracks.track_file import TrackError

SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
LONGEST_RUN_S = 480 * 3600.0
"""The system waits no longer than 24 days at once."""
FULL = "full"
DRAWN = "some text to draw the instances from"


def known_track(given: str) -> Track:
    """The track of this name, or in this file. Raises UserError."""
    from tracks.registry import UnknownTrackError, find_track, is_offered

    try:
        track = find_track(given)
        # probes and workloads have names too
        if not is_offered(track):
            raise UnknownTrackError(given)
    except UnknownTrackError as error:
        raise UserError(f"{error}{_where_it_is(given)}") from error
    except TrackError as error:
        raise UserError(str(error)) from error
    return track


def _where_it_is(name: str) -> str:
    """Where a study here has a track of this name; empty where none has."""
    from agent.cli import inputs

    with suppress(UserError):
        for study in inputs.open_ledger(read_only=True).all():
            if study.settings.track == name and study.track_file:
                option = track_option(name, str(study.track_file))
                return f"; that of study {study.name} is --track {option}"
    return ""


def files_of(track: Track | None) -> list[Path]:
    """The files that a track is read from; none of a track of the suite."""
    if not (track and track.source):
        return []
    path = Path(track.source.path)
    return [path, *(path.parent / name for name in track.files)]


def known_scale(name: str, track: Track) -> str:
    """The name of a scale, if the track has it. Raises UserError."""
    if name not in track.scales:
        raise UserError(f"scale {name!r}: {track.name} has {', '.join(track.scales)}")
    return name


def known_objective(objective: Objective, track: Track) -> Objective:
    """The objective, if the track has it. Raises UserError."""
    if objective == "steps" and track.target is None:
        raise UserError(f"objective steps: track {track.name} has no target to reach")
    return objective


def seconds(text: str) -> float:
    """Parse a duration such as 90, 90s, 30m or 2h. Raises UserError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if not match or float(match[1]) <= 0:
        raise UserError(f"duration {text!r}: expected a positive number such as 90, 90s, 30m or 2h")
    return float(match[1]) * SECONDS[match[2]]


def run_seconds(text: str) -> float:
    """The same for the limit of one run, for which the system waits. Raises UserError."""
    if (given := seconds(text)) > LONGEST_RUN_S:
        raise UserError(f"duration {text!r}: a run gets no more than {LONGEST_RUN_S / 3600:.0f}h")
    return given


def finite(value: float | None) -> float | None:
    """Refuse `nan` and `inf`, which typer takes for numbers."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value}: expected a finite number")
    return value


def require_text(option: str, given: str | None, expected: str = DRAWN) -> None:
    """Raise UserError for a text that is empty, as that of a variable that is not set."""
    if given is not None and not given.strip():
        raise UserError(f"{option} '': expected {expected}")


def option(help: str, *names: str, default: Any = None, **settings: Any) -> Any:
    """A field of a record of options; a list without default, `...` for one that is required."""
    metadata = {"option": typer.Option(..., *names, help=help, **settings)}
    if default is ...:
        return field(metadata=metadata)
    if default is list:
        return field(default_factory=list, metadata=metadata)
    return field(default=default, metadata=metadata)


TRACK: dict[str, Any] = {
    "help": "Track, by name (see `autoresearch tracks`) or by its file: my_track.py, or a text.",
    "parser": known_track,
    "metavar": "TRACK",
}
SOURCE = "A folder, or the https, ssh or file URL of a git repository."
SIZE = "Size of a run: full, small, ..."
MARGIN: dict[str, Any] = {
    "help": "Loss by which a part counts as redundant, in steps, log10 of the loss or the "
    "metric [default: 5% of the steps, 0.05, or 0.5%].",
    "min": 0,
    "callback": finite,
}
AIM = "final: the metric after the last step; steps: steps to the target [default: the track's]."
Scale = Annotated[str, typer.Option(help=SIZE, metavar="NAME")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of all random choices.")]
Markdown = Annotated[Path | None, typer.Option(help="Write it to this file as Markdown too.")]


@dataclass(frozen=True)
class OnTrack:
    """A track at a scale."""

    heading: ClassVar[str] = "Task"
    track: Track = option(default=..., **TRACK)
    scale: str = option(SIZE, default=FULL, metavar="NAME")

    def __post_init__(self) -> None:
        known_scale(self.scale, self.track)


@dataclass(frozen=True)
class Task(OnTrack):
    """A track at a scale, with the objective that ranks its submissions."""

    objective: Objective | None = option(AIM)

    def __post_init__(self) -> None:
        super().__post_init__()
        known_objective(self.aim, self.track)

    @property
    def aim(self) -> Objective:
        """The objective that was asked for, else the track's."""
        return self.objective or self.track.objective
