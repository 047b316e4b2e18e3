"""Attributes of a track that have another type, or a name that cannot be shown, in one line."""

from pathlib import Path

import pytest

from helpers.own_track import MINIMAL, written
from tracks.registry import UnknownTrackError, find_track
from tracks.track_file import TrackError

OWN_SCALE = """
class Scale:
    def __init__(self, **sizes):
        pass

class Line"""


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("class Line", OWN_SCALE, "Line.scales['full'] should be an instance of tracks.base"),
        ("    scales", "    files = 'a.csv'\n    scales", "Line.files should be a list or a tuple"),
        ("    scales", "    metric = Metric(3)\n    scales", "Line.metric.name should be a valid "),
        ("    scales", "    metric = Metric('a', answers='1')\n    scales", "Line.metric.answers "),
        (
            "    scales",
            "    metric = Metric(' ')\n    scales",
            "Line.metric has the name ' '; expe",
        ),
        ("    scales", "    metric = Metric('a\\nb')\n    scales", "metric has the name 'a\\nb';"),
    ],
)
def test_an_attribute_of_another_type_is_refused_in_one_line(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    file = written(tmp_path, MINIMAL.replace(before, after))
    with pytest.raises(TrackError) as error:
        find_track(str(file))
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_an_empty_name_is_no_folder() -> None:
    with pytest.raises(UnknownTrackError, match="no track named ''; there are: "):
        find_track("")
