"""tiny_lm on a text of one's own, which is given by its file in place of a track's name."""

import re
from pathlib import Path

from tracks.base import TrackSource
from tracks.suite.tiny_lm import TinyLM
from tracks.track_file import TrackError, complete, digest


class OwnText(TinyLM):
    """predict the next byte of a text of one's own; bits per byte on unseen text"""

    summary = ""
    target = None

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = "tiny_lm_" + re.sub("[^a-z0-9]+", "_", path.stem.lower()).strip("_")

    def text(self) -> bytes:
        return self._path.read_bytes()


def text_track(path: Path) -> OwnText:
    """The track of a text file, in the sizes of tiny_lm. Raises TrackError."""
    track = OwnText(path)
    track.source = TrackSource(str(path), digest(path))
    full, there_are = track.scales["full"], path.stat().st_size
    needed = (full.train_samples + full.eval_samples) * full.length + 2
    if there_are < needed:
        raise TrackError(
            f"{path}: it has {there_are:,} bytes, and a full run of tiny_lm reads {needed:,}; "
            "docs/tracks/own_text.py is a track with smaller runs"
        )
    complete(track, "", str(path))
    return track
