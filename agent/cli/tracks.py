"""`autoresearch tracks`: the benchmark tracks."""

from dataclasses import asdict
from typing import Any

from agent.cli import inputs, output
from agent.cli.options import FULL, Json
from tracks.base import Track
from tracks.track_file import TrackError

HEADER = ["track", "metric", "target", "objective", "steps", "task"]


def tracks(as_json: Json = False) -> None:
    """List tracks, also those of packages and studies.

    \b
    Example:
      autoresearch tracks
    """
    known, problems = _known()
    content = {"tracks": [_row(track) for track in known], "problems": problems}
    output.show(as_json, content, "Tracks", HEADER, map(_cells, known))
    if not as_json:
        for track in known:
            if track.source:
                output.say(f"{track.name} is given by its file: --track {track.track_option}")
        for problem in problems:
            output.say(problem)


def _known() -> tuple[list[Track], list[str]]:
    """All that can be used, and a line for each that cannot."""
    from tracks.registry import all_tracks, get_track, packaged_tracks, remembered_tracks

    # studies know the files of tracks
    inputs.open_ledger(read_only=True).all()
    found, problems = list[Track](), list[str]()
    for name in sorted({*all_tracks(), *packaged_tracks(), *remembered_tracks()}):
        try:
            found.append(get_track(name))
        except TrackError as error:
            problems.append(str(error))
    return found, problems


def _row(track: Track) -> dict[str, Any]:
    proxies = {name: [asdict(one) for one in there] for name, there in track.proxies.items()}
    return {
        "track": track.name,
        "file": track.source.path if track.source else None,
        "summary": track.summary,
        "metric": track.metric.name,
        "target": track.target,
        "objective": track.objective,
        "eval_every": track.eval_every,
        "time_limit_s": track.time_limit_s,
        "scales": {name: asdict(scale) for name, scale in track.scales.items()},
        "proxies": proxies,
        "screen": track.screen,
    }


def _cells(track: Track) -> list[str]:
    target = "-" if track.target is None else f"{track.target:g}"
    aim = [track.metric.name, target, track.objective]
    return [track.name, *aim, str(track.scales[FULL].max_steps), track.summary]
