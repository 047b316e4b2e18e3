"""`autoresearch tracks`: the benchmark tracks."""

from dataclasses import asdict
from typing import Any

from agent.cli import output
from agent.cli.options import FULL, Json
from tracks.base import Track

HEADER = ["track", "metric", "target", "objective", "steps", "task"]


def tracks(as_json: Json = False) -> None:
    """List the benchmark tracks.

    \b
    Example:
      autoresearch tracks
    """
    from tracks.registry import all_tracks

    known = [track for _, track in sorted(all_tracks().items())]
    content = {"tracks": [_row(track) for track in known]}
    output.show(as_json, content, "Tracks", HEADER, map(_cells, known))


def _row(track: Track) -> dict[str, Any]:
    proxies = {name: [asdict(one) for one in there] for name, there in track.proxies.items()}
    return {
        "track": track.name,
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
