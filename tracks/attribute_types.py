"""The types and numbers that a track's attributes must have, and what is said of others."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, get_type_hints

from tracks.base import Metric, Track

TYPES = {
    name: expected
    for name, expected in get_type_hints(Track).items()
    if name not in ("metric", "eval_every", "objective", "screen", "source")
}
"""Of those attributes about which nothing more is said where they are of another type."""


def unfit(track: Track) -> Iterator[str]:
    """A line for each attribute that has another type, or a number that nothing can be done with.

    A reader must end at the first: the numbers can be compared only where the types are right.
    """
    kind = type(track).__name__
    yield from _of_another_type(kind, track, TYPES)
    if not isinstance(track.metric, Metric):
        yield f"{kind}.metric is no tracks.base.Metric"
    yield from _of_another_type(f"{kind}.metric", track.metric, get_type_hints(Metric))
    if not (track.metric.name.isprintable() and track.metric.name.strip()):
        yield f"{kind}.metric has the name {track.metric.name!r}; expected printable text"
    for name in ("time_limit_s", "max_slowdown"):
        if not 0 < (given := getattr(track, name)) < math.inf:
            yield f"{kind}.{name} is {given!r}; expected a positive number"
    if track.target is not None and not math.isfinite(track.target):
        yield f"{kind}.target is {track.target}; expected a finite number"


def _of_another_type(owner: str, holder: object, types: Mapping[str, Any]) -> Iterator[str]:
    from pydantic import TypeAdapter, ValidationError  # it takes a fifth of a second to load

    for name, expected in types.items():
        try:
            TypeAdapter(expected).validate_python(getattr(holder, name), strict=True)
        except ValidationError as error:
            found = error.errors()[0]
            place = "".join(f"[{key!r}]" for key in found["loc"])
            # a class of the file's own may have the same name
            said = found["msg"].replace("an instance of ", "an instance of tracks.base.")
            said = said.replace("Input should", "should")
            if found["type"] == "sequence_str":
                said = "should be a list or a tuple of texts"
            yield f"{owner}.{name}{place} {said}, not {found['input']!r}"
